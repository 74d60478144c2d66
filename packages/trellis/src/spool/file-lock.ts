import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";

/** Held until it is released or the process ends, however it ends. */
export interface FileLock {
  release(): void;
}

const sqliteBusy = 5;
const sqliteCannotOpen = 14;

/**
 * Takes the lock of a file that is empty; undefined where it is not there, or somebody else has it, in this process or
 * another.
 * The lock is the kernel's, by way of SQLite. Nothing else may open the file: to close it would give the lock back.
 */
export function takeFileLock(path: string): FileLock | undefined {
  let file: DatabaseSync | undefined;
  try {
    // Loaded with the first lock: most gateways never need one.
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
    file = new DatabaseSync(existingFile(path), { timeout: 0 });
    // Nothing is ever written, so that no journal need lie beside it.
    file.exec("pragma journal_mode = memory; begin exclusive");
  } catch (cause) {
    file?.close();
    const code = ((cause as { readonly errcode?: number }).errcode ?? 0) % 256;
    if (code === sqliteBusy || (code === sqliteCannotOpen && !existsSync(path))) return undefined;
    throw cause;
  }
  const held = file;
  return { release: () => held.close() };
}

/** One that is not made where it is missing: whoever removes the folder it lay in would fail. */
function existingFile(path: string): URL {
  const url = pathToFileURL(path);
  url.searchParams.set("mode", "rw");
  return url;
}
