import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, statfs } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { TrellisError } from "../../../model/errors.ts";
import { syncFolder } from "../backup/sync-folder.ts";
import { bundledMajor } from "./binaries.ts";

/** A new cluster takes 39 MB; below this not even that is certain. */
const freeBytesMin = 100 * 1_048_576;

/** Where the cluster lies, with no symbolic link in its path. Makes the folders above it. */
export async function resolveDataFolder(data: string): Promise<string> {
  const path = resolve(data);
  try {
    await mkdir(dirname(path), { recursive: true });
    return join(await realpath(dirname(path)), basename(path));
  } catch (cause) {
    throw unusable(path, cause);
  }
}

/**
 * Whether there is a cluster of our version. Throws `data-folder-newer`, `data-folder-older`, or `data-folder` where
 * there is something else.
 */
export async function hasCluster(data: string): Promise<boolean> {
  const entries = await readdir(data).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return [];
    throw unusable(data, cause);
  });
  if (entries.length === 0) return false;
  const version = await readFile(join(data, "PG_VERSION"), "utf8").catch(() => undefined);
  const major = Number(version);
  if (version === undefined || !Number.isInteger(major))
    throw new TrellisError("data-folder", { says: `${data} has files in it that are not PostgreSQL's` });
  if (major > bundledMajor)
    throw new TrellisError("data-folder-newer", {
      says: `${data} was written by PostgreSQL ${major}; this is ${bundledMajor}`,
    });
  if (major < bundledMajor)
    throw new TrellisError("data-folder-older", {
      says: `${data} was written by PostgreSQL ${major}; this is ${bundledMajor}`,
    });
  return true;
}

/**
 * Makes a folder whole or not at all: `fill` works under another name beside it. Returns false where another process
 * was faster. What a killed process left under such a name is removed by the next.
 */
export async function createWhole(data: string, fill: (draft: string) => Promise<void>): Promise<boolean> {
  await removeLeftDrafts(data);
  const draft = await mkdtemp(`${data}.new-${process.pid}-`).catch((cause) => {
    throw unusable(data, cause);
  });
  try {
    await fill(draft);
    // Takes the place of an empty folder too, but never of one that has something in it.
    await rename(draft, data).catch((cause) => {
      throw isTaken(cause) ? new Taken() : cause;
    });
    await syncFolder(dirname(data));
    return true;
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    if (cause instanceof Taken) return false;
    throw cause instanceof TrellisError ? cause : ((await diskError(data, cause)) ?? cause);
  }
}

class Taken extends Error {}

function isTaken(cause: unknown): boolean {
  return ["ENOTEMPTY", "EEXIST"].includes(codeOf(cause));
}

/** `disk-full` where that is why something failed in the folder. */
export async function diskError(data: string, cause: unknown): Promise<TrellisError | undefined> {
  const { bavail, bsize } = await statfs(dirname(data));
  if (codeOf(cause) !== "ENOSPC" && bavail * bsize >= freeBytesMin) return undefined;
  return new TrellisError("disk-full", {
    says: `The disk of ${data} has ${Math.floor((bavail * bsize) / 1_048_576)} MB left`,
    cause,
  });
}

/**
 * Whether PostgreSQL ended in good order, judged by `pg_control` (src/include/catalog/pg_control.h). Where that is not
 * there PostgreSQL will not start, and says why.
 */
export async function wasShutDown(data: string): Promise<boolean> {
  const control = await readFile(join(data, "global", "pg_control")).catch(() => Buffer.alloc(0));
  const stateAt = 16;
  const shutDown = 1;
  return control.length > stateAt + 4 && control.readInt32LE(stateAt) === shutDown;
}

async function removeLeftDrafts(data: string): Promise<void> {
  const start = `${basename(data)}.new-`;
  for (const name of await readdir(dirname(data))) {
    if (!name.startsWith(start) || isAlive(Number.parseInt(name.slice(start.length), 10))) continue;
    await rm(join(dirname(data), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

function unusable(data: string, cause: unknown): TrellisError {
  if (codeOf(cause) === "ENOSPC") return new TrellisError("disk-full", { says: `There is no room for ${data}`, cause });
  return new TrellisError("data-folder", {
    says: `${data} cannot be used as a data folder (${codeOf(cause) || String(cause)})`,
    cure: "Choose a folder that you may write to with --data.",
    cause,
  });
}

function codeOf(cause: unknown): string {
  return (cause as Partial<NodeJS.ErrnoException> | undefined)?.code ?? "";
}
