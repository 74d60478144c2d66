import type { Count, Demand, ScaleParams, ScaleSamples, ScaleState } from "./scale.ts";

/** Of a service that nothing is known of yet. */
export const unscaled: ScaleState = { demand: [], wanted: [], running: [] };

/** The state with what was seen now, and without what is too old to matter. */
export function rememberSamples(
  state: ScaleState,
  samples: ScaleSamples,
  now: number,
  params: ScaleParams,
): ScaleState {
  const isActive = samples.active || samples.waiting > 0 || samples.instances.some(({ inFlight }) => inFlight > 0);
  const hasWork = isActive || (samples.oldestJobMs ?? 0) > 0;
  return {
    ...state,
    demand: [...since(state.demand, now - params.stableMs, now), demandOf(samples, now)],
    running: [
      ...since(state.running, now - params.upMs, now),
      { at: now, instances: samples.ready + samples.starting },
    ],
    activeAt: hasWork ? now : Math.min(state.activeAt ?? now, now),
  };
}

/** The most that were wanted in each fifteenth of the window: a few numbers, not one for each decision. */
export function rememberWanted(
  wanted: readonly Count[],
  instances: number,
  now: number,
  { downMs }: ScaleParams,
): readonly Count[] {
  const kept = since(wanted, now - downMs, now);
  const last = kept.at(-1);
  if (last === undefined || now - last.at >= downMs / 15) return [...kept, { at: now, instances }];
  return [...kept.slice(0, -1), { at: last.at, instances: Math.max(last.instances, instances) }];
}

function demandOf({ instances, ready, waiting }: ScaleSamples, now: number): Demand {
  const total = (of: (sample: ScaleSamples["instances"][number]) => number) =>
    instances.reduce((sum, sample) => sum + of(sample), 0);
  return {
    at: now,
    loopUtilization: total((sample) => sample.loopUtilization),
    inFlight: total((sample) => sample.inFlight) + waiting,
    poolWaitMs: instances.length === 0 ? 0 : total((sample) => sample.poolWaitMs) / instances.length,
    missing: Math.max(0, ready - instances.length),
  };
}

/** Not what a clock that was set back since then has left in the future. */
const since = <Entry extends { readonly at: number }>(entries: readonly Entry[], from: number, now: number) =>
  entries.filter(({ at }) => at > from && at <= now);
