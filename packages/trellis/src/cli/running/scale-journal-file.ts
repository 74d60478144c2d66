import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { Limit } from "../../model/limit.ts";
import type { Log } from "../../model/log.ts";
import { type JournalFile, notesKept } from "../../supervisor/scaling/scale-journal.ts";
import { writeWhole } from "../folder/whole-file.ts";

export const scaleJournalLimits: readonly Limit[] = [
  { name: "decisions on scaling, kept", value: notesKept, unit: "entries", set: "fixed: see trellis scale" },
];

/** The journal as a file for its owner's eyes. What cannot be written is lost, and said so once: scaling goes on without. */
export function scaleJournalFile(path: string, log: Log): JournalFile {
  let broken = false;
  const attempt = (write: () => void) => {
    try {
      write();
      broken = false;
    } catch (error) {
      if (!broken) log.error("decisions on scaling cannot be written down", { path, error });
      broken = true;
    }
  };
  return {
    read: () => (existsSync(path) ? readFileSync(path, "utf8") : undefined),
    append: (text) => attempt(() => appendFileSync(path, text, { mode: 0o600 })),
    replace: (text) => attempt(() => writeWhole(path, text, 0o600)),
  };
}
