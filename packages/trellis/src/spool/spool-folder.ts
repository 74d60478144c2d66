import { closeSync, existsSync, mkdirSync, openSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { TrellisError } from "../model/errors.ts";
import { type FileLock, takeFileLock } from "./file-lock.ts";
import { syncNames, syncNamesBehind } from "./sync-names.ts";

const lockName = "lock";
/** Begins the name of a folder that is just being made. */
const unseenMark = ".";

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
    // Nobody looks into it before it is locked: it could be taken for one whose process has died.
    const unseen = join(parent, unseenMark + process);
    const path = join(parent, process);
    mkdirSync(unseen, { recursive: true, mode: 0o700 });
    let lock: FileLock | undefined;
    try {
      closeSync(openSync(join(unseen, lockName), "a", 0o600));
      lock = takeFileLock(join(unseen, lockName));
      if (!lock) throw new TrellisError("data-folder", { says: `${unseen} could not be locked` });
      renameSync(unseen, path);
      return new SpoolFolder(path, process, lock);
    } catch (error) {
      lock?.release();
      rmSync(unseen, { recursive: true, force: true });
      throw error;
    }
  }

  /** The folder of a process that has died; undefined while it lives, or somebody else has taken it. */
  static take(parent: string, process: string): SpoolFolder | undefined {
    const path = join(parent, process);
    const lockPath = join(path, lockName);
    const lock = takeFileLock(lockPath);
    // It may have been removed before it was locked.
    if (lock && existsSync(lockPath)) return new SpoolFolder(path, process, lock);
    lock?.release();
    if (!existsSync(lockPath)) removeEmpty(path);
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
    if (this.parts().length === 0) {
      rmSync(join(this.path, lockName), { force: true });
      removeEmpty(this.path);
    }
    this.release();
  }
}

/** Every process that has left a folder, this one's included. */
export function spoolFolders(parent: string): readonly string[] {
  return existsSync(parent) ? readdirSync(parent).filter((name) => !name.startsWith(unseenMark)) : [];
}

/** What a process has left that died while it removed its folder. */
function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Not a folder, not empty, or gone: none of these is ours to remove.
  }
}
