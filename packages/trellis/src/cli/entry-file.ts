import { extname, join } from "node:path";

/** What the processes of instances run: `main.ts`, or `main.js` where Trellis was built. */
export const entryFile = join(import.meta.dirname, `main${extname(import.meta.filename)}`);
