import { once } from "node:events";
import { stat, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { FramesServer } from "./frames-server.ts";

import { clock, endAll, endLater, openFrames, socketPath } from "./listener.contract.ts";

afterEach(endAll);

describe("a frames server", () => {
  const busy = (port: number): Promise<string> => fetch(`http://127.0.0.1:${port}`).then((answer) => answer.text());

  it("lets only its own user connect, and takes the place of one that is gone", async () => {
    const path = await socketPath();
    await writeFile(path, "");
    const server = new FramesServer(() => undefined, clock);
    await server.listen(path);
    endLater(() => server.cut());
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("does not take the place of one that lives", async () => {
    const { path } = await openFrames(() => undefined);
    const second = new FramesServer(() => undefined, clock);
    await expect(second.listen(path)).rejects.toMatchObject({ code: "port-in-use" });
  });

  it("drains: what is under way is answered, then the connection ends and nothing connects any more", async () => {
    const waiting: ServerResponse[] = [];
    const asked = Promise.withResolvers<void>();
    const { server, port, path } = await openFrames((_, response) => {
      waiting.push(response);
      asked.resolve();
    });
    const answer = busy(port);
    await asked.promise;
    let drained = false;
    const draining = server.drain().then(() => {
      drained = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([server.streams, drained]).toEqual([1, false]);
    waiting[0]?.end("the last");
    expect(await answer).toBe("the last");
    await draining;
    expect(server.streams).toBe(0);
    await expect(stat(path)).rejects.toThrow("ENOENT");
    expect(await busy(port)).toMatch(/^connect: /);
  });

  it("that is cut answers nothing more, and tells its handlers", async () => {
    const closed = Promise.withResolvers<boolean>();
    const asked = Promise.withResolvers<void>();
    const { server, port } = await openFrames((_, response) => {
      response.on("close", () => closed.resolve(response.writableFinished));
      asked.resolve();
    });
    const answer = busy(port);
    await asked.promise;
    server.cut();
    expect(await closed.promise).toBe(false);
    expect(await answer).toMatch(/^reset: The instance has ended/);
  });

  it("ends the connection of whoever sends no frames, and goes on for others", async () => {
    const { path, port } = await openFrames((_, response) => void response.end("still here"));
    const stranger = connect({ path });
    stranger.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    stranger.resume();
    await once(stranger, "close");
    expect(await busy(port)).toBe("still here");
  });
});
