import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The length of a socket's path, its closing zero apart (unix(7): 108 bytes; macOS: 104). */
const pathBytesMax = process.platform === "linux" ? 107 : 103;
/** Room for the longest name of a socket in it. */
const nameBytes = 40;

/** A short folder for the sockets of the app on this data folder, the same each time, that no one else can enter. */
export function runtimeFolder(data: string): string {
  const name = `trellis-run-${createHash("sha256").update(data).digest("hex").slice(0, 12)}`;
  const place = [tmpdir(), "/tmp"].find((folder) => Buffer.byteLength(join(folder, name)) + nameBytes <= pathBytesMax);
  const folder = join(place ?? "/tmp", name);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
  }
  const { uid } = lstatSync(folder);
  // In a folder that everyone may write to, someone else may have taken the name first.
  if (!lstatSync(folder).isDirectory() || uid !== (process.getuid?.() ?? uid)) return mkdtempSync(`${folder}-`);
  chmodSync(folder, 0o700);
  return folder;
}

/** Where the supervisor of the app with this folder for sockets is asked. */
export function controlSocket(folder: string): string {
  return join(folder, "control");
}

/** Removes the sockets of processes that are gone. */
export function sweepSockets(folder: string, used: ReadonlySet<string>): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!used.has(path)) rmSync(path, { force: true, recursive: true });
  }
}
