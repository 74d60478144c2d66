import { join } from "node:path";

/** What the processes of instances run: the command itself, in front of the TypeScript or of what was built from it. */
export const entryFile = join(import.meta.dirname, "../../bin/trellis.mjs");
