import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { folderError } from "./whole-file.ts";

/** Held until it is released or the process ends, however it ends. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes the folder for this process; undefined where another one has it, also after `waitMs`. The lock is the kernel's (by way of SQLite, the
 * one lock on files that Node brings along), so that a killed process leaves none behind.
 */
export function lockFolder(folder: string, waitMs = 0): FolderLock | undefined {
  let file: DatabaseSync | undefined;
  try {
    const path = join(folder, "lock");
    // SQLite would let everyone read it, and so take a lock that keeps the owner out. Only where it is missing: closing
    // a file gives back every lock that this process has on it (fcntl(2)).
    if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
    file = new DatabaseSync(path, { timeout: waitMs });
    // Nothing is ever written, so that no journal need lie beside it.
    file.exec("pragma journal_mode = memory; begin exclusive");
  } catch (cause) {
    file?.close();
    if (isBusy(cause)) return undefined;
    throw folderError(folder, asRefusal(cause));
  }
  const held = file;
  return { release: () => held.close() };
}

const sqliteBusy = 5;
const sqliteReadOnly = 8;
const sqliteCannotOpen = 14;
const sqliteFull = 13;

function isBusy(cause: unknown): boolean {
  return primaryCode(cause) === sqliteBusy;
}

/** SQLite's refusals in the words of the operating system (sqlite.org/rescode.html). */
function asRefusal(cause: unknown): unknown {
  const code = { [sqliteReadOnly]: "EROFS", [sqliteCannotOpen]: "EACCES", [sqliteFull]: "ENOSPC" }[primaryCode(cause)];
  return code === undefined ? cause : Object.assign(new Error("The lock could not be taken", { cause }), { code });
}

function primaryCode(cause: unknown): number {
  const code = (cause as { readonly errcode?: number }).errcode ?? 0;
  return code & 0xff;
}
