import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The command that a folder's code depends on, so that both are of one version; undefined where it has none of its own. */
export function releaseEntry(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, "node_modules", "trellis", "bin", "trellis.mjs");
    if (existsSync(file)) return file;
    if (at === dirname(at)) return undefined;
  }
}
