import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Unprivileged } from "./unprivileged.ts";

/** The length of a socket's path, its closing zero apart (unix(7): 108 bytes). */
const pathBytesMax = 107;
/** The database that holds every service's schema. */
export const databaseName = "trellis";
const socketName = ".s.PGSQL.5432";

/** A short folder for the socket of the cluster in `data`, the same each time, that no one else can enter. */
export async function socketFolder(data: string, user: Unprivileged): Promise<string> {
  const name = `trellis-${createHash("sha256").update(data).digest("hex").slice(0, 12)}`;
  const place = [tmpdir(), "/tmp"].find(
    (folder) => Buffer.byteLength(join(folder, name, `${socketName}.lock`)) <= pathBytesMax,
  );
  let folder = join(place ?? "/tmp", name);
  await mkdir(folder, { mode: 0o700 }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "EEXIST") throw cause;
  });
  // In a folder that everyone may write to, someone else may have taken the name first.
  if (!(await user.owns(folder))) folder = await mkdtemp(`${folder}-`);
  await user.own(folder);
  // Whoever made them has ended: the data folder is ours by now.
  for (const left of [socketName, `${socketName}.lock`]) await rm(join(folder, left), { force: true });
  return folder;
}

/** The address of `database` on the server that listens in `folder`. */
export function socketUrl(folder: string, database: string): string {
  return `postgres://trellis@localhost/${database}?host=${encodeURIComponent(folder)}`;
}
