import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { TrellisError } from "../model/errors.ts";
import { type FileLock, takeFileLock } from "./file-lock.ts";
import { syncNames, syncNamesBehind } from "./sync-names.ts";

const lockName = "lock";
const tries = 5;

/** The spools of one process: a folder for each stream, and a lock that the kernel holds for as long as it lives. */
export class SpoolFolder {
  readonly path: string;
  readonly process: string;
  readonly #lock: FileLock;

  private constructor(path: string, process: string, lock: FileLock) {
    this.path = path;
    this.process = process;
    this.#lock = lock;
  }

  /** For a process that lives, below `parent`. `process` was never used before. */
  static begin(parent: string, process: string): SpoolFolder {
    const begun = SpoolFolder.beginUnsynced(parent, process);
    syncNames(parent);
    return begun;
  }

  /** The same without waiting for the disk: it survives a loss of power after `syncName`. */
  static beginUnsynced(parent: string, process: string): SpoolFolder {
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    for (let left = tries; left > 0; left -= 1) {
      makeLockable(join(parent, process));
      // Who looks for dead processes may have been quicker, and taken it for one.
      const begun = SpoolFolder.take(parent, process);
      if (begun) return begun;
    }
    throw new TrellisError("data-folder", { says: `${join(parent, process)} could not be locked` });
  }

  /** The folder of a process that has died; undefined while it lives, or somebody else has taken it. */
  static take(parent: string, process: string): SpoolFolder | undefined {
    const path = join(parent, process);
    const lockPath = join(path, lockName);
    if (!existsSync(lockPath)) {
      removeEmpty(path);
      return undefined;
    }
    const lock = takeFileLock(lockPath);
    if (!lock) return undefined;
    // It may have been removed between the look and the lock.
    if (existsSync(lockPath)) return new SpoolFolder(path, process, lock);
    lock.release();
    return undefined;
  }

  /** The folder of one stream, made where it is missing. */
  part(stream: string): string {
    const path = join(this.path, stream);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }

  /** Makes its name and those of its parts survive a loss of power. */
  async syncName(): Promise<void> {
    await syncNamesBehind(this.path);
    await syncNamesBehind(dirname(this.path));
  }

  /** The folders of its streams. */
  parts(): readonly string[] {
    return readdirSync(this.path).filter((name) => name !== lockName);
  }

  release(): void {
    this.#lock.release();
  }

  /** Removes it where it has no part left, and gives back the lock. */
  end(): void {
    // The lock's file last: without it nobody would ever look into the folder again.
    if (this.parts().length === 0) rmSync(this.path, { recursive: true, force: true });
    this.release();
  }
}

/** Every process that has left a folder, this one's included. */
export function spoolFolders(parent: string): readonly string[] {
  return existsSync(parent) ? readdirSync(parent) : [];
}

function makeLockable(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(join(path, lockName), "a", 0o600));
  } catch (error) {
    removeEmpty(path);
    // Else somebody has removed it as one that was never begun.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/** What a process has left that died before it had a lock. */
function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Not a folder, not empty, or gone: none of these is ours to remove.
  }
}
