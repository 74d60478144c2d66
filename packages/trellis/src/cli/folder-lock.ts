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
    file = new DatabaseSync(join(folder, "lock"), { timeout: waitMs });
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
