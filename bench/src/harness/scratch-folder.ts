import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

export interface ScratchFolder {
  readonly path: string;
  remove(): void;
}

/** A new folder inside `parent`. It is removed by `remove`, or when this process exits before that. */
export function scratchFolder(parent: string, prefix: string): ScratchFolder {
  mkdirSync(parent, { recursive: true });
  const path = mkdtempSync(join(parent, prefix));
  const remove = (): void => {
    process.off("exit", remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.on("exit", remove);
  return { path, remove };
}
