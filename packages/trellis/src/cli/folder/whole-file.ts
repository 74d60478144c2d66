import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TrellisError } from "../../model/errors.ts";
import { syncNames } from "../../spool/sync-names.ts";

/** Writes a small file whole or not at all, also when the disk is full, the process is killed or the power lost. */
export function writeWhole(path: string, text: string, mode = 0o644): void {
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, text, { mode, flush: true });
    renameSync(draft, path);
    syncNames(dirname(path));
  } catch (cause) {
    rmSync(draft, { force: true });
    throw folderError(path, cause);
  }
}

/** Removes what processes have left in a folder that were killed while they wrote a file. */
export function sweepDrafts(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = /^[a-z-]+(?:\.json)?\.(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !lives(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}

/** What a refused file or folder means: `disk-full`, or `data-folder` with what to do about it. */
export function folderError(path: string, cause: unknown): unknown {
  const code = (cause as Partial<NodeJS.ErrnoException>).code;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new TrellisError("disk-full", { says: `There is no room for ${path}`, cause });
  const says = code === undefined ? undefined : refusals[code];
  if (says === undefined) return cause;
  return new TrellisError("data-folder", {
    says: `${path} ${says} (${code})`,
    cure: "Choose a folder that you may write to with --data, or mend this one.",
    cause,
  });
}

/** Whether there is a process of that number. */
export function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    // It lives, but is another user's.
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
}

const refusals: Readonly<Record<string, string>> = {
  EACCES: "may not be written by you",
  EPERM: "may not be written by you",
  EROFS: "is on a disk that is read only",
  ENOENT: "has no folder above it",
  ENOTDIR: "lies below something that is not a folder",
  EEXIST: "is there, but is not a folder",
  EISDIR: "is a folder where a file should be",
};
