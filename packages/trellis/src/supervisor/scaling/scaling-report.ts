import type { Group } from "../../model/group.ts";
import type { GroupStatus } from "../control-words.ts";
import type { Fleet } from "../fleet.ts";
import type { ReleaseRecord, Scale } from "../state.ts";
import type { ScaleJournal } from "./scale-journal.ts";
import type { Scaler } from "./scaler.ts";

export interface ReportedSupervisor {
  readonly fleet: Pick<Fleet, "staying">;
  readonly current: ReleaseRecord | undefined;
  rangeOf(group: Group): Scale;
}

/** How many instances each group has, and why: by what was decided last, if need be by an earlier supervisor. */
export function groupStatuses(
  supervisor: ReportedSupervisor,
  scaler: Pick<Scaler, "reason">,
  journal: Pick<ScaleJournal, "last">,
): readonly GroupStatus[] {
  const { current, fleet } = supervisor;
  if (!current) return [];
  const staying = fleet.staying(current.number);
  return current.shape.groups.map((group) => {
    const { min, max } = supervisor.rangeOf(group);
    const because = min === max ? undefined : (scaler.reason(group.name) ?? journal.last(group.name))?.says;
    return {
      group: group.name,
      // A place counts once, also while one process in it follows another.
      instances: new Set(staying.flatMap(({ name }) => (name.pool === group.name ? name.number : []))).size,
      min,
      max,
      ...(because === undefined ? {} : { because }),
    };
  });
}
