import type { ScalingReport } from "../../supervisor/control-words.ts";
import type { ScaleNote } from "../../supervisor/scaling/scale-note.ts";
import { groupsText } from "./status-text.ts";
import { table } from "./table.ts";

/** What people read; programs get all of them. */
const decisionsShown = 40;

/** How many instances there are and why, then the latest decisions. */
export function scalingText({ groups, decisions }: ScalingReport): string {
  const shown = decisions.slice(-decisionsShown);
  if (shown.length === 0) return groupsText(groups);
  return [groupsText(groups), "", table([["WHEN", "GROUP", "INSTANCES", "WHY"], ...shown.map(row)])].join("\n");
}

function row({ at, group, from, to, done, says }: ScaleNote): readonly string[] {
  const when = new Date(at).toISOString().replace(/\.\d+/, "");
  return [when, group, from === to ? String(to) : `${from} ${done ? "→" : "stays, not"} ${to}`, says];
}
