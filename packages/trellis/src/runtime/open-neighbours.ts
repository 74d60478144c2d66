import type { Group } from "../model/group.ts";
import type { Plan } from "../model/plan.ts";
import type { Service } from "../model/service.ts";
import type { ServiceDirectory } from "../model/service-directory.ts";
import type { OpenCalls } from "./calls-engine.ts";
import type { Closing } from "./closing.ts";
import { InstanceDirectory } from "./instances/instance-directory.ts";
import { InstanceRegistry } from "./instances/instance-registry.ts";
import type { Platform } from "./open-platform.ts";
import type { Common } from "./open-services.ts";

interface InstanceFacts {
  readonly group: Group;
  readonly hosted: readonly string[];
  readonly platform: Platform;
  readonly calls: OpenCalls;
}

/** This instance's place in the list of those that run; it is not announced yet. */
export function openInstances(
  { group, hosted, platform, calls }: InstanceFacts,
  common: Common,
  closing: Closing,
): InstanceRegistry {
  const instances = new InstanceRegistry({
    ...common,
    sql: platform.database.platform,
    name: common.instance,
    role: group.role,
    answers: group.answers ? hosted : [],
    spool: () => platform.spools.overview(),
    calls: () => calls.look(),
  });
  closing.add(async () => instances.close());
  return instances;
}

/** Where other groups answer: looks only where something is called that runs in another group. */
export async function openDirectory(
  { calls }: Plan,
  hosted: readonly Service[],
  { database }: Platform,
  common: Common,
  closing: Closing,
): Promise<ServiceDirectory> {
  const directory = new InstanceDirectory({ ...common, sql: database.platform });
  const isNeeded = calls.some(
    ({ from, group }) => group !== undefined && hosted.some(({ contract }) => contract.name === from),
  );
  if (!isNeeded) return directory;
  closing.add(() => directory.close());
  await directory.open();
  return directory;
}

/** Whether instances of other groups call this one's. They hear within a second that it is going. */
export function isCalled({ calls }: Plan, { name }: Group): boolean {
  return calls.some(({ group }) => group === name);
}
