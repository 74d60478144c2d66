import { once } from "node:events";
import { request as ask } from "node:http";
import { describe, expect, it } from "vitest";
import { testClock } from "../../testing/test-clock.ts";
import { get, openRig, RawConnection } from "./front-rig.contract.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a client that leaves", () => {
  it("without a word, and takes nothing of its answer, is given up after a minute", async () => {
    const clock = testClock();
    const { hop, port } = await openRig({ clock });
    const chunk = Buffer.alloc(65_536, "x");
    const client = new RawConnection(port);
    client.socket.pause();
    let more: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      hop.script = (_, sink) => {
        sink.head(200, []);
        more = () => {
          while (sink.data(chunk));
        };
        setImmediate(() => resolve(more()));
      };
    });
    hop.onResume = () => more();
    client.write(get("/"));
    await begun;
    for (let turn = 0; turn < 500; turn += 1) await nextTurn();
    await clock.advance(59_000);
    expect(hop.aborted).toBe(0);
    await clock.advance(2_000);
    expect(hop.aborted).toBe(1);
  });

  it("before it has taken what is written whole for it is given up, too, and one that is only slow gets all of it", async () => {
    const body = Buffer.alloc(30_000_000, "x");
    const { hop, port, front } = await openRig({ timeouts: { stalledMs: 200 } });
    hop.script = (_, sink) => sink.whole(200, [], body);
    const stalled = new RawConnection(port);
    stalled.socket.pause();
    stalled.write(get("/"));
    await expect.poll(() => hop.seen.length).toBe(1);
    expect(front.figures().connections).toBe(1);
    await expect.poll(() => front.figures().connections, { timeout: 5_000 }).toBe(0);

    const client = ask({ port, host: "127.0.0.1" });
    client.end();
    const [response] = await once(client, "response");
    let bytes = 0;
    const began = performance.now();
    for await (const piece of response) {
      bytes += piece.length;
      // So slowly that all of it takes several times as long as a client may rest.
      while (performance.now() - began < (bytes / body.length) * 800) await nextTurn();
    }
    expect(bytes).toBe(body.length);
  });

  it("is waited for no more: what was begun for it is aborted", async () => {
    const { hop, front, port } = await openRig();
    hop.script = () => client.socket.destroy();
    const aborted = hop.untilAborted();
    const client = new RawConnection(port);
    client.write(get("/"));
    await aborted;
    expect(front.figures().pending).toBe(0);
  });

  it("takes all with it that it had asked for in one packet", async () => {
    const { hop, front, port } = await openRig();
    const client = new RawConnection(port);
    hop.script = ({ target }) => {
      if (target === "/2") setImmediate(() => client.socket.destroy());
    };
    client.write(`GET /1 HTTP/1.1\r\nHost: a\r\n\r\n${get("/2")}`);
    await hop.untilAborted();
    expect(hop.aborted).toBe(2);
    expect(front.figures().pending).toBe(0);
  });
});
