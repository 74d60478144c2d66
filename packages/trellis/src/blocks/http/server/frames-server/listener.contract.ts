import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FramesUpstream } from "../../../../gateway/upstreams/frames-upstream.ts";
import { testClock } from "../../../../testing/test-clock.ts";
import type { UpgradeListener } from "../upgrade-listener.ts";
import { openFront } from "./frames-front.contract.ts";
import { FramesServer } from "./frames-server.ts";

export const clock = testClock();
let ends: (() => void)[] = [];

/** Ends what a test has opened. */
export function endAll(): void {
  for (const end of ends) end();
  ends = [];
}

/** Has it ended with the test. */
export function endLater(end: () => void): void {
  ends.push(end);
}

export const socketPath = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), "trellis-frames-")), "f.sock");

/** A listener behind frames, and a gateway before it. */
export async function openFrames(listener: RequestListener, upgrade?: UpgradeListener) {
  const path = await socketPath();
  const server = new FramesServer(listener, clock, upgrade);
  await server.listen(path);
  const upstream = new FramesUpstream(path, { clock });
  const front = await openFront(upstream, clock);
  ends.push(() => {
    upstream.close();
    server.cut();
    front.server.close();
    front.server.closeAllConnections();
  });
  return { server, path, port: front.port };
}

/** The same listener at node's own server. */
export async function openHttp(listener: RequestListener, upgrade?: UpgradeListener): Promise<{ port: number }> {
  const server = createServer(listener);
  if (upgrade) server.on("upgrade", upgrade);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port };
}
