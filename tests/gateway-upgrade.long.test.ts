import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { entryFile } from "../packages/trellis/src/cli/entry-file.ts";
import { askedPort } from "../packages/trellis/src/cli/folder/app-port.ts";
import type { GatewayStart } from "../packages/trellis/src/gateway/port.ts";
import { systemClock } from "../packages/trellis/src/runtime/system-clock.ts";
import { GatewayLink } from "../packages/trellis/src/supervisor/gateway-link.ts";
import { startGatewayProcess } from "../packages/trellis/src/supervisor/gateway-process.ts";
import { get, startLoad } from "./helpers/http-load.ts";
import { strangeOrigin } from "./helpers/strange-origin.ts";
import { kill, lives } from "./helpers/trellis-process.ts";

interface Reached {
  readonly link: GatewayLink;
  readonly pid: number;
}

/** Resolves when the gateway at this control socket can be told what to do. */
function reach(socket: string): Promise<Reached> {
  return new Promise((resolve) => {
    const link = new GatewayLink({
      socket,
      clock: systemClock,
      listener: {
        connected: ({ pid }) => {
          onTestFinished(() => kill(pid));
          resolve({ link, pid });
        },
      },
    });
    onTestFinished(() => link.close());
  });
}

async function startFor(url: string) {
  const folder = await mkdtemp(join(tmpdir(), "trellis-upgrade-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const port = await askedPort(0);
  return (number: number): GatewayStart => ({
    name: `gateway-${number}`,
    control: join(folder, `${number}.sock`),
    port,
    host: "127.0.0.1",
    edgeBytesMax: 0,
    alone: "serves",
    table: {
      version: 1,
      hosts: [{ host: "*", service: "web" }],
      services: [{ name: "web", pool: "web" }],
      pools: [{ name: "web", upstreams: [{ id: "one", address: { url } }] }],
    },
  });
}

test("three successors in a row take over the port: no connection is refused, no request fails", async () => {
  const startOf = await startFor((await strangeOrigin("one")).url);
  const first = startGatewayProcess({ entry: entryFile, start: startOf(1), logTo: 2 });
  const { port } = await first.ready;
  const fresh = startLoad(`http://127.0.0.1:${port}/`, { workers: 4, newConnections: true });
  const kept = startLoad(`http://127.0.0.1:${port}/`, { workers: 4 });
  let present = await reach(startOf(1).control);
  for (let number = 2; number <= 4; number += 1) {
    await fresh.more(100);
    await present.link.succeed(startOf(number), entryFile);
    const next = await reach(startOf(number).control);
    await present.link.stop(5_000);
    await expect.poll(() => lives(present.pid), { timeout: 8_000 }).toBe(false);
    present = next;
  }
  await Promise.all([fresh.more(200), kept.more(200)]);
  await Promise.all([fresh.stop(), kept.stop()]);
  expect(fresh.failures).toEqual([]);
  expect(kept.failures).toEqual([]);
});

test("a gateway that is to outlive whoever started it serves on alone, and takes orders from the next one", async () => {
  const [one, two] = await Promise.all([strangeOrigin("one"), strangeOrigin("two")]);
  const start = (await startFor(one.url))(1);
  const { port } = await startGatewayProcess({ entry: entryFile, start, logTo: 2 }).ready;
  const { link } = await reach(start.control);
  link.close();
  const named = async () => JSON.parse((await get(`http://127.0.0.1:${port}/`)).body).name;
  expect(await named()).toBe("one");

  const again = await reach(start.control);
  const pools = [{ name: "web", upstreams: [{ id: "two", address: { url: two.url } }] }];
  await again.link.apply({ ...start.table, version: 2, pools });
  expect(await named()).toBe("two");
  await expect(again.link.apply({ ...start.table, version: 1 })).rejects.toMatchObject({ code: "gateway-refused" });
  expect(await named()).toBe("two");
});

test("a gateway that may not serve alone ends when whoever started it is gone", async () => {
  const start: GatewayStart = { ...(await startFor((await strangeOrigin("one")).url))(1), alone: "ends" };
  const gateway = startGatewayProcess({ entry: entryFile, start, logTo: 2 });
  await gateway.ready;
  (await reach(start.control)).link.close();
  expect(await gateway.ended).toBe("exit code 0");
});

test("a gateway that cannot have its port says so, and ends", async () => {
  const startOf = await startFor("http://127.0.0.1:9");
  const first = startGatewayProcess({ entry: entryFile, start: startOf(1), logTo: 2 });
  onTestFinished(() => kill(first.pid));
  await first.ready;
  const second = startGatewayProcess({ entry: entryFile, start: startOf(2), logTo: 2 });
  await expect(second.ready).rejects.toMatchObject({ code: "port-in-use" });
  expect(await second.ended).toBe("exit code 1");
});
