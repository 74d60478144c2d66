import type { Demand, ScaleKind, ScaleParams, ScaleSamples, ScaleState } from "./scale.ts";

/** How many instances one signal asks for, and why. */
export interface Wish {
  readonly kind: ScaleKind;
  readonly instances: number;
  readonly says: string;
}

/** What all signals ask for: more by the latest seconds, fewer by the whole stable window. */
export function calmWishes(
  state: ScaleState,
  samples: ScaleSamples,
  now: number,
  params: ScaleParams,
): readonly Wish[] {
  return [
    ...demandWishes(state.demand, samples, now, params),
    ...poolWish(state, params),
    ...oldestJobWish(samples, params),
  ];
}

/** What the last seconds ask for, if it is at least `panicRatio` times what there is. */
export function panicWish(
  state: ScaleState,
  samples: ScaleSamples,
  now: number,
  params: ScaleParams,
): Wish | undefined {
  const [loop, inFlight] = signals(lastOf(state.demand, params.panicMs, now), params);
  const wanted = Math.max(loop.low, inFlight.low);
  // Before rounding up: one instance, a little over its aim, would be a panic otherwise.
  if (wanted < params.panicRatio * Math.max(1, samples.ready)) return undefined;
  const wish = loop.low > inFlight.low ? loop : inFlight;
  return {
    kind: "panic",
    instances: wholeFrom(wanted),
    says: `Within seconds, ${lowerFirst(wish.says(samples.ready))}`,
  };
}

/**
 * What keeps instances busy. Those that said nothing are taken to be idle where more are asked for, and to be just as busy as
 * they should be where fewer are (Kubernetes' horizontal pod autoscaler), so that silence never moves much. More are asked for
 * by the mean of `upMs` already: a mean of the whole minute lets a single instance be overrun before it notices.
 */
function demandWishes(
  demand: readonly Demand[],
  { ready, starting }: ScaleSamples,
  now: number,
  params: ScaleParams,
): readonly Wish[] {
  const running = ready + starting;
  const stable = signals(demand, params);
  return signals(lastOf(demand, params.upMs, now), params).map((lately, nth) => {
    if (lately.low > running * (1 + params.tolerance))
      return { kind: lately.kind, instances: wholeFrom(lately.low), says: lately.says(ready) };
    const { kind, high, says } = stable[nth] ?? lately;
    const instances = high < running * (1 - params.tolerance) ? wholeFrom(high) : running;
    return { kind, instances, says: says(ready) };
  });
}

const lastOf = (demand: readonly Demand[], ms: number, now: number) => demand.filter(({ at }) => at > now - ms);

interface Signal {
  readonly kind: ScaleKind;
  /** Instances that it needs, with those that are missing as idle, resp. just as busy as they should be. */
  readonly low: number;
  readonly high: number;
  readonly says: (ready: number) => string;
}

function signals(demand: readonly Demand[], params: ScaleParams): readonly [Signal, Signal] {
  const missing = mean(demand, (each) => each.missing);
  const loop = mean(demand, (each) => each.loopUtilization);
  const inFlight = mean(demand, (each) => each.inFlight);
  const { loopUtilizationTarget, inFlightTarget } = params;
  return [
    {
      kind: "loop-utilization",
      low: loop / loopUtilizationTarget,
      high: loop / loopUtilizationTarget + missing,
      says: (ready) =>
        `Event loops are ${percent(loop / Math.max(1, ready - missing))} busy, ${percent(loopUtilizationTarget)} is the aim`,
    },
    {
      kind: "in-flight",
      low: inFlight / inFlightTarget,
      high: inFlight / inFlightTarget + missing,
      says: (ready) =>
        `${Math.round(inFlight / Math.max(1, ready - missing))} are under way in each instance, ${inFlightTarget} is the aim`,
    },
  ];
}

/** One more at a time: whether more pools help, only trying shows. */
function poolWish(state: ScaleState, params: ScaleParams): readonly Wish[] {
  const waitMs = mean(state.demand, (each) => each.poolWaitMs);
  if (waitMs <= params.poolWaitMsMax) return [];
  const says = `Requests wait ${Math.round(waitMs)} ms for a connection to the database, ${params.poolWaitMsMax} ms is the most`;
  return [{ kind: "pool-wait", instances: fewestLately(state) + 1, says }];
}

/** In proportion, at most twice as many. While it is half as old as it may be, none are taken away. */
function oldestJobWish({ oldestJobMs = 0, ready, starting }: ScaleSamples, params: ScaleParams): readonly Wish[] {
  const running = ready + starting;
  const ratio = oldestJobMs / params.oldestJobMsMax;
  if (ratio < 0.5) return [];
  const says = `The oldest job waits ${seconds(oldestJobMs)}, ${seconds(params.oldestJobMsMax)} is the most`;
  const factor = ratio > 1 + params.tolerance ? Math.min(2, ratio) : 1;
  return [{ kind: "oldest-job", instances: wholeFrom(running * factor), says }];
}

/** The fewest that ran in the last `upMs`: what more of them are counted from. */
export const fewestLately = ({ running }: ScaleState): number => Math.min(...running.map(({ instances }) => instances));

function mean(demand: readonly Demand[], of: (each: Demand) => number): number {
  return demand.length === 0 ? 0 : demand.reduce((sum, each) => sum + of(each), 0) / demand.length;
}

/** Up to the next whole number, but for what adding fractions has left over: 3.6 / .6 is 6. */
const wholeFrom = (instances: number): number => Math.ceil(instances - 1e-9);

const percent = (share: number): string => `${Math.round(share * 100)}%`;
export const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
