import { TrellisError } from "./errors.ts";
import type { Role } from "./role.ts";

/** Between how many instances there are, as their load asks for. 0: none while there is nothing to do. */
export interface InstanceRange {
  readonly min: number;
  readonly max: number;
}

/** Always so many, or as the load asks for. */
export type InstanceCount = number | InstanceRange;

/** How a service runs by itself. Its instances answer what it is asked and do its work, whatever their role. */
export interface Split {
  /**
   * What it mostly does: `web` answers, `worker` works. Says how many instances there are unless said, and what scaling
   * looks at: requests, or the age of the oldest job.
   */
  readonly role: Role;
  /** 2 web or 1 worker unless said. */
  readonly instances?: InstanceCount;
}

/** Instances that are all alike: they host the same services and do the same for them. */
export interface Group {
  /** `web` and `worker` share the services that are not split out; any other is named after its service. */
  readonly name: string;
  readonly role: Role;
  readonly services: readonly string[];
  /** On one machine: with how many it starts. */
  readonly instances: number;
  /** Set: there are more or fewer of them, as their load asks for. */
  readonly scale?: InstanceRange;
  /** Whether they answer requests, and calls of other groups. */
  readonly answers: boolean;
  /** Whether they work jobs, consume events and fire schedules. */
  readonly works: boolean;
}

const instancesMax = 256;
/** As many as the shared ones have. */
const instancesOf: Readonly<Record<Role, number>> = { web: 2, worker: 1 };

/** Throws `invalid-app`. */
export function checkSplit(split: Readonly<Record<string, Split>>, services: ReadonlySet<string>): void {
  for (const [name, { role, instances = 1 }] of Object.entries(split)) {
    if (!services.has(name))
      throw new TrellisError("invalid-app", {
        says: `"split" names "${name}", which is none of the app's services`,
        cure: `Name some of ${[...services].join(", ")}, or add the service.`,
      });
    if (Object.hasOwn(instancesOf, name))
      throw new TrellisError("invalid-app", {
        says: `The service "${name}" cannot be split out: the shared instances have that name`,
        cure: "Give the contract another name.",
      });
    if (!Object.hasOwn(instancesOf, role))
      throw new TrellisError("invalid-app", {
        says: `"split" says that "${name}" has the role "${role}"`,
        cure: 'Say "web" or "worker".',
      });
    if (!isCount(instances))
      throw new TrellisError("invalid-app", {
        says: `"split" says that "${name}" has ${countText(instances)} instances`,
        cure: `Give it 1 to ${instancesMax}, or { min, max } of which min may be 0.`,
      });
  }
}

/** `3`, `2..8`: as settings and commands write it. */
export function countText(count: InstanceCount): string {
  return typeof count === "number" ? String(count) : `${count.min}..${count.max}`;
}

function isCount(count: InstanceCount): boolean {
  const { min, max } = typeof count === "number" ? { min: count, max: count } : count;
  const isWhole = Number.isInteger(min) && Number.isInteger(max);
  return isWhole && min >= 0 && max >= Math.max(1, min) && max <= instancesMax;
}

/** The shared groups first. One without instances is left out: then the web instances do the work. */
export function groupsOf(
  services: readonly string[],
  shared: Readonly<Record<Role, InstanceCount>>,
  split: Readonly<Record<string, Split>>,
): readonly Group[] {
  const together = services.filter((name) => !Object.hasOwn(split, name));
  const hasWorkers = shared.worker !== 0;
  const web: Group = {
    name: "web",
    role: "web",
    services: together,
    ...scaled(shared.web),
    answers: true,
    works: !hasWorkers,
  };
  const worker: Group = {
    name: "worker",
    role: "worker",
    services: together,
    ...scaled(shared.worker),
    answers: false,
    works: true,
  };
  const own = Object.entries(split).map(
    ([name, { role, instances = instancesOf[role] }]): Group => ({
      name,
      role,
      services: [name],
      ...scaled(instances),
      answers: true,
      works: true,
    }),
  );
  return [web, ...(hasWorkers ? [worker] : []), ...own];
}

/** One that may come to rest starts with one: then it is known to run. */
function scaled(count: InstanceCount): Pick<Group, "instances" | "scale"> {
  if (typeof count === "number") return { instances: count };
  const instances = Math.max(1, count.min);
  return count.min === count.max ? { instances } : { instances, scale: count };
}

/** The group whose instances answer for the service; undefined where the app has no such service. */
export function answeringGroup(groups: readonly Group[], service: string): Group | undefined {
  return groups.find(({ answers, services }) => answers && services.includes(service));
}
