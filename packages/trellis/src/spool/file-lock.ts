import type { DatabaseSync } from "node:sqlite";

/** Held until it is released or the process ends, however it ends. */
export interface FileLock {
  release(): void;
}

const sqliteBusy = 5;

/**
 * Takes the lock of a file that is there and empty; undefined where somebody else has it, in this process or another.
 * The lock is the kernel's, by way of SQLite. Nothing else may open the file: to close it would give the lock back.
 */
export function takeFileLock(path: string): FileLock | undefined {
  let file: DatabaseSync | undefined;
  try {
    // Loaded with the first lock: most gateways never need one.
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
    file = new DatabaseSync(path, { timeout: 0 });
    // Nothing is ever written, so that no journal need lie beside it.
    file.exec("pragma journal_mode = memory; begin exclusive");
  } catch (cause) {
    file?.close();
    if (((cause as { readonly errcode?: number }).errcode ?? 0) % 256 === sqliteBusy) return undefined;
    throw cause;
  }
  const held = file;
  return { release: () => held.close() };
}
