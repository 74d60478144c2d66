import type { GatewayFigures } from "../../gateway/port.ts";
import type { InstanceSample, MachineSample, ScaleSamples } from "../../policies/autoscaling/scale.ts";
import type { InstanceLoad, ServiceWork } from "./load.ts";
import type { ScaledGroup } from "./scaled-app.ts";

/** Everything that was seen at one moment. */
export interface Look {
  readonly figures: readonly GatewayFigures[];
  /** By private address. */
  readonly loads: ReadonlyMap<string, InstanceLoad>;
  /** In bytes, by process. */
  readonly memory: ReadonlyMap<number, number>;
  readonly work: readonly ServiceWork[];
  readonly machine: MachineSample;
}

/** What waits on purpose, and what somebody waits for without a figure saying so. */
export interface Waiting {
  readonly paused: readonly string[];
  /** A gateway has a request and no instance for it. */
  readonly isWanted: boolean;
}

/** What the policy is told of a group: what is so now, and what has happened since the look before. */
export function groupSamples(
  { services, answers, works, instances }: ScaledGroup,
  now: Look,
  before: Look | undefined,
  { paused, isWanted }: Waiting,
): ScaleSamples {
  const ready = instances.filter(({ privateUrl }) => privateUrl !== undefined);
  const own = works ? now.work.filter(({ service }) => services.includes(service)) : [];
  const running = sum(own.map((one) => one.running));
  const samples = ready.flatMap(({ privateUrl = "", pid = 0 }): readonly InstanceSample[] => {
    const [load, earlier] = [now.loads.get(privateUrl), before?.loads.get(privateUrl)];
    if (!load || !earlier) return [];
    return [{ ...sampleOf(load, earlier, running / ready.length), memoryBytes: now.memory.get(pid) ?? 0 }];
  });
  const ids = new Set(instances.flatMap(({ id }) => id ?? []));
  const p99Ms = Math.max(0, ...upstreams(now, ids).map((upstream) => upstream.p99Ms ?? 0));
  const held = answers
    ? heldFor(
        services.filter((service) => !paused.includes(service)),
        now,
      )
    : 0;
  const begun = ready.some(({ privateUrl = "" }) => grew(now.loads.get(privateUrl), before?.loads.get(privateUrl)));
  const isListenedTo = ready.some(({ privateUrl = "" }) => (now.loads.get(privateUrl)?.lasting ?? 0) > 0);
  return {
    ready: ready.length,
    starting: instances.length - ready.length,
    instances: samples,
    waiting: Math.max(held, isWanted ? 1 : 0),
    active: begun || running > 0 || isListenedTo || wasAsked(ids, now, before),
    oldestJobMs: Math.max(0, ...own.map(({ oldestMs }) => oldestMs)),
    ...(p99Ms > 0 ? { p99Ms } : {}),
    machine: now.machine,
  };
}

function sampleOf(load: InstanceLoad, earlier: InstanceLoad, jobs: number): Omit<InstanceSample, "memoryBytes"> {
  const active = load.loopActiveMs - earlier.loopActiveMs;
  const all = active + load.loopIdleMs - earlier.loopIdleMs;
  return {
    loopUtilization: all > 0 ? Math.min(1, Math.max(0, active / all)) : 0,
    inFlight: load.inFlight + jobs,
    poolWaitMs: slowestOfTwenty(load.poolWaits, earlier.poolWaits),
  };
}

/** The 95th percentile of the waits between two looks: the bound of the bucket in which it lies. */
function slowestOfTwenty(now: InstanceLoad["poolWaits"], before: InstanceLoad["poolWaits"]): number {
  const since = now.counts.map((count, index) => Math.max(0, count - (before.counts[index] ?? 0)));
  const all = sum(since);
  if (all === 0) return 0;
  let seen = 0;
  const bucket = since.findIndex((count) => {
    seen += count;
    return seen >= all * 0.95;
  });
  return now.boundsMs[Math.min(bucket, now.boundsMs.length - 1)] ?? 0;
}

function heldFor(services: readonly string[], { figures }: Look): number {
  return sum(
    figures.flatMap((gateway) =>
      gateway.services.filter(({ service }) => services.includes(service)).map(({ held }) => held),
    ),
  );
}

/** Where instances count no requests, the gateways have. Health checks are in neither. */
function wasAsked(ids: ReadonlySet<string>, now: Look, before: Look | undefined): boolean {
  const asked = (look: Look) => sum(upstreams(look, ids).map(({ requests }) => requests));
  return before !== undefined && asked(now) > asked(before);
}

function upstreams({ figures }: Look, ids: ReadonlySet<string>) {
  return figures.flatMap((gateway) => gateway.upstreams.filter(({ upstream }) => ids.has(upstream)));
}

function grew(load: InstanceLoad | undefined, earlier: InstanceLoad | undefined): boolean {
  return load !== undefined && load.begun > (earlier?.begun ?? 0);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
