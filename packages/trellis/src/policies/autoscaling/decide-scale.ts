import type { ScaleDecision, ScaleKind, ScaleParams, ScaleSamples, ScaleState } from "./scale.ts";
import { type Bounded, withinBounds } from "./scale-bounds.ts";
import { rememberSamples, rememberWanted } from "./scale-memory.ts";
import { calmWishes, panicWish, seconds, type Wish } from "./scale-wishes.ts";

/**
 * How many instances of a service there should be. To be asked every second or two, `now` in milliseconds; `unscaled` is the
 * first state. Each signal asks for as many as bring it to its aim, the most counts. Up quickly, down only to the most that
 * was wanted for five minutes (Kubernetes' horizontal pod autoscaler); a demand that has doubled within seconds is a panic,
 * in which none are taken away; to none after a minute and a half of silence (Knative), and from none at once.
 */
export function decideScale(state: ScaleState, samples: ScaleSamples, now: number, params: ScaleParams): ScaleDecision {
  const seen = rememberSamples(state, samples, now, params);
  const running = samples.ready + samples.starting;
  if (running === 0) return fromNone(seen, samples, now, params);
  const silentMs = now - (seen.activeAt ?? now);
  if (params.instancesMin === 0 && silentMs >= params.idleMs + params.graceMs)
    return decision(unrested(seen), 0, running, { kind: "idle", says: `Nothing to do for ${seconds(silentMs)}` });
  return fromSome(seen, samples, now, params);
}

/** It is at rest, or all of it has ended. */
function fromNone(state: ScaleState, samples: ScaleSamples, now: number, params: ScaleParams): ScaleDecision {
  const { waiting, oldestJobMs = 0 } = samples;
  if (waiting === 0 && oldestJobMs === 0) {
    const kind = params.instancesMin === 0 ? "idle" : "minimum";
    const says = params.instancesMin === 0 ? "Nothing to do" : "None runs";
    return decision(state, params.instancesMin, 0, { kind, says });
  }
  const wanted = Math.max(1, Math.ceil(waiting / params.inFlightTarget));
  const says = waiting > 0 ? `${waiting} wait while none runs` : "A job waits while none runs";
  const bounded = withinBounds(wanted, state, samples, params);
  const woken = { ...state, wanted: rememberWanted(state.wanted, wanted, now, params) };
  return decision(woken, Math.max(1, bounded.instances), 0, { kind: "woken", says }, bounded);
}

function fromSome(state: ScaleState, samples: ScaleSamples, now: number, params: ScaleParams): ScaleDecision {
  const running = samples.ready + samples.starting;
  const panic = panicWish(state, samples, now, params);
  const panicUntil = panic ? now + params.stableMs : (state.panicUntil ?? now);
  const calm = most(calmWishes(state, samples, now, params));
  const highest = panic && panic.instances >= calm.instances ? panic : calm;
  const isPanic = panicUntil > now;
  const wish =
    isPanic && highest.instances < running
      ? stay("panic", running, "Lately the demand doubled within seconds")
      : highest;
  const wanted = rememberWanted(state.wanted, wish.instances, now, params);
  const next: ScaleState = { ...without(state), wanted, ...(isPanic && { panicUntil }) };
  if (samples.instances.length === 0 && samples.ready > 0 && wish.instances <= running)
    return bound(next, stay("no-samples", running, "No instance says anything"), samples, params);
  const silentMs = now - (state.activeAt ?? now);
  if (params.instancesMin === 0 && silentMs > 0 && wish.instances === 0) {
    const says = `Nothing to do for ${seconds(silentMs)}, it rests after ${seconds(params.idleMs + params.graceMs)}`;
    return bound(next, stay("waiting-to-rest", running, says), samples, params);
  }
  const held = wish.instances < running ? holdBack(wish, wanted, samples, now, params) : wish;
  return bound(next, held, samples, params);
}

/** Fewer would do: whether it is long enough so, and none waits the longer for it. */
function holdBack(
  wish: Wish,
  wanted: ScaleState["wanted"],
  { ready, starting, p99Ms = 0 }: ScaleSamples,
  now: number,
  { downMs, latencyMsGuard, instancesMin }: ScaleParams,
): Wish {
  const running = ready + starting;
  if (running <= instancesMin) return stay("minimum", running, wish.says);
  if (p99Ms > latencyMsGuard) {
    const says = `${wish.says}, but the slowest answers take ${Math.round(p99Ms)} ms, over ${latencyMsGuard} ms`;
    return stay("latency-guard", running, says);
  }
  const highest = Math.max(...wanted.map(({ instances }) => instances));
  if (highest < running) return { ...wish, instances: highest };
  const last = wanted.findLast(({ instances }) => instances >= running);
  const leftMs = Math.max(0, (last?.at ?? now) + downMs - now);
  return stay(
    "waiting-to-shrink",
    running,
    `${wish.says}; ${running} were wanted less than ${seconds(downMs)} ago, ${seconds(leftMs)} to go`,
  );
}

function bound(state: ScaleState, wish: Wish, samples: ScaleSamples, params: ScaleParams): ScaleDecision {
  const running = samples.ready + samples.starting;
  // Only silence brings it to rest: a little load needs an instance as well.
  const bounded = withinBounds(Math.max(1, wish.instances), state, samples, params);
  const kind = wish.instances === running && isDemand(wish.kind) ? "steady" : wish.kind;
  return decision(state, bounded.instances, running, { kind, says: wish.says }, bounded);
}

function decision(
  state: ScaleState,
  desired: number,
  running: number,
  { kind, says }: { readonly kind: ScaleKind; readonly says: string },
  { by, instances }: Partial<Bounded> = {},
): ScaleDecision {
  const change = desired === running ? `${desired} stay` : `from ${running} to ${desired}`;
  const limit =
    by === undefined ? "" : `, ${boundSays[by]} ${by === "minimum" ? "at least" : "no more than"} ${instances}`;
  return {
    desired,
    reason: {
      kind: by !== undefined && desired === running ? by : kind,
      says: `${says}: ${change}${limit}.`,
      ...(by !== undefined && { limitedBy: by }),
    },
    state,
  };
}

const boundSays = {
  minimum: "the setting asks for",
  maximum: "the setting allows",
  memory: "the machine's memory allows",
  cores: "the machine's cores allow",
  "up-rate": "for the moment",
} as const;

const isDemand = (kind: ScaleKind): boolean => kind === "loop-utilization" || kind === "in-flight";

const stay = (kind: ScaleKind, instances: number, says: string): Wish => ({ kind, instances, says });

const most = (wishes: readonly Wish[]): Wish =>
  wishes.reduce((highest, wish) => (wish.instances > highest.instances ? wish : highest));

/** At rest, what was wanted before it counts no more. */
const unrested = ({ activeAt, running }: ScaleState): ScaleState => ({
  demand: [],
  wanted: [],
  running,
  ...(activeAt !== undefined && { activeAt }),
});

function without({ panicUntil: _, ...state }: ScaleState): ScaleState {
  return state;
}
