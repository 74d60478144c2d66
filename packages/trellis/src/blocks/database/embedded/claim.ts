import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../../model/clock.ts";
import { TrellisError } from "../../../model/errors.ts";
import { pause } from "../connections/connector.ts";

/** A process that was killed a moment ago may still be ending. */
const patienceMs = 1_000;
const retryMs = 50;

/**
 * Makes the folder ours as long as this process lives: a socket can be listened on by one, and the kernel lets go of it
 * however the process ends. Throws `data-folder-in-use`. Returns what gives it back.
 */
export async function claim(data: string, clock: Clock): Promise<() => Promise<void>> {
  const untilMs = clock.now() + patienceMs;
  let server = await listenFor(data);
  while (!server && clock.now() < untilMs) {
    await pause(clock, retryMs);
    server = await listenFor(data);
  }
  if (!server) throw new TrellisError("data-folder-in-use", { says: `Another Trellis is running on ${data}` });
  const held = server.unref();
  return () => new Promise((resolve) => held.close(() => resolve()));
}

/** Undefined where another process listens. */
async function listenFor(data: string): Promise<Server | undefined> {
  const name = `trellis-${createHash("sha256").update(data).digest("hex").slice(0, 24)}`;
  // Linux has names without files; elsewhere the file of a killed process stays and must be told from a living one's.
  const abstract = process.platform === "linux";
  const address = abstract ? `\0${name}` : join(tmpdir(), `${name}.lock`);
  const server = await listen(address);
  return server || abstract || (await answers(address)) ? server : listenAnew(address);
}

function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((visitor) => visitor.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => resolve(server));
  });
}

async function listenAnew(address: string): Promise<Server | undefined> {
  await rm(address, { force: true });
  return listen(address);
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const visitor = connect(address);
    visitor.once("connect", () => {
      visitor.destroy();
      resolve(true);
    });
    visitor.once("error", () => resolve(false));
  });
}
