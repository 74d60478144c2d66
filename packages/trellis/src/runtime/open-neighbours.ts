import type { Transport } from "../blocks/http/port.ts";
import type { Group } from "../model/group.ts";
import type { Plan } from "../model/plan.ts";
import type { Service } from "../model/service.ts";
import type { ServiceDirectory } from "../model/service-directory.ts";
import { type OpenCalls, openCalls } from "./calls-engine.ts";
import type { Closing } from "./closing.ts";
import { InstanceDirectory } from "./instances/instance-directory.ts";
import { InstanceRegistry } from "./instances/instance-registry.ts";
import type { Platform } from "./open-platform.ts";
import type { Common } from "./open-services.ts";

interface Place {
  readonly plan: Plan;
  readonly group: Group;
  readonly hosted: readonly Service[];
  readonly platform: Platform;
  readonly secret: string;
  /** Answers calls in process. */
  readonly dispatch: Transport;
  /** Where services of other groups answer: as the list of instances says, unless given. */
  readonly directory?: ServiceDirectory;
  /** Asks whoever starts instances for one of a service that has none. Whether one is on its way. */
  readonly wake?: (service: string) => Promise<boolean>;
}

/** What an instance has to do with others: the calls of its services, and its place in the list, not announced yet. */
export async function openNeighbours(
  place: Place,
  common: Common,
  closing: Closing,
): Promise<{ readonly calls: OpenCalls; readonly instances: InstanceRegistry }> {
  const { group, platform } = place;
  const hosted = place.hosted.map(({ contract }) => contract.name);
  const directory = place.directory ?? (await openDirectory(place, common, closing));
  const calls = openCalls({ ...common, ...place, hosted: new Set(hosted), directory });
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
  return { calls, instances };
}

/** Looks only where something is called that runs in another group. */
async function openDirectory({ plan, hosted, platform, wake }: Place, common: Common, closing: Closing) {
  const directory = new InstanceDirectory({ ...common, sql: platform.database.platform, ...(wake ? { wake } : {}) });
  const isNeeded = plan.calls.some(
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
