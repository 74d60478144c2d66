import { TrellisError } from "../model/errors.ts";
import type { Group } from "../model/group.ts";
import type { Plan, Role } from "../model/plan.ts";

interface Place {
  readonly role: Role;
  readonly group?: string | undefined;
  readonly hosted?: readonly string[];
}

/** What an instance in this place hosts and does: as its group does, but for the services where others are named. */
export function ownGroup({ groups }: Plan, { role, group: name, hosted }: Place): Group {
  const group = groups.find((one) => one.name === (name ?? role));
  if (name !== undefined && !group)
    throw new TrellisError("usage", {
      says: `The app has no group "${name}"`,
      cure: `Give one of ${groups.map((one) => one.name).join(", ")}.`,
    });
  // A worker that is started by hand works, also where the plan has none.
  const found = group ?? { ...(groups[0] as Group), name: role, role, answers: false, works: true };
  return hosted ? { ...found, services: hosted } : found;
}
