import type { ScaleParams, ScaleReason, ScaleSamples, ScaleState } from "./scale.ts";
import { fewestLately } from "./scale-wishes.ts";

type Bound = NonNullable<ScaleReason["limitedBy"]>;

/** What is left of a wish within all bounds, and the bound that held it back. */
export interface Bounded {
  readonly instances: number;
  readonly by?: Bound;
}

/**
 * `wanted` within the bounds. The machine's and the rate's bounds only keep it from growing: they take no instance away.
 * The minimum is the owner's word and stands above the machine's bounds.
 */
export function withinBounds(wanted: number, state: ScaleState, samples: ScaleSamples, params: ScaleParams): Bounded {
  const running = samples.ready + samples.starting;
  const growth: readonly (readonly [Bound, number])[] = [
    ["up-rate", upRateMost(state, params)],
    ["cores", samples.machine.cores * params.instancesPerCore],
    ["memory", memoryMost(samples, params)],
  ];
  let bounded: Bounded = { instances: wanted };
  for (const [by, most] of growth) {
    const allowed = Math.max(running, most);
    if (bounded.instances > allowed) bounded = { instances: allowed, by };
  }
  if (bounded.instances > params.instancesMax) bounded = { instances: params.instancesMax, by: "maximum" };
  if (bounded.instances < params.instancesMin) bounded = { instances: params.instancesMin, by: "minimum" };
  return bounded;
}

function upRateMost(state: ScaleState, { upFactor, upStep }: ScaleParams): number {
  const from = fewestLately(state);
  return Math.max(from * upFactor, from + upStep);
}

/** As many as fit beside all else, each as large as those that run are now; those that start will be as large too. */
function memoryMost({ ready, instances, machine }: ScaleSamples, { memoryShareMax }: ScaleParams): number {
  const bytes = instances.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  if (bytes === 0) return Number.POSITIVE_INFINITY;
  const each = bytes / instances.length;
  const free = machine.memoryBytes * memoryShareMax - machine.memoryUsedBytes;
  return ready + Math.max(0, Math.floor(free / each));
}
