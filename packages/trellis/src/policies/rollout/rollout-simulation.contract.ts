import type { Random } from "../../model/clock.ts";
import { beginRollout, decideRollout } from "./decide-rollout.ts";
import type { CanaryEvidence, RolloutDecision, RolloutObservation, RolloutPlan, RolloutState } from "./rollout.ts";

/** How the instances of one release behave. Times in milliseconds. */
export interface SimulatedRelease {
  /** Until it is ready; undefined: never. */
  readonly startMs?: number;
  /** It ends by itself so long after it was started. */
  readonly endsAfterMs?: number;
  readonly failureRate?: number;
  readonly p99Ms?: number;
}

export interface RolloutSimulation {
  readonly plan: RolloutPlan;
  readonly fresh: SimulatedRelease;
  readonly old: SimulatedRelease;
  /** How many of the old one serve at the beginning. */
  readonly oldInstances: number;
  readonly drainMs: number;
  readonly perSecond: number;
  readonly random: Random;
  /** At these times the supervisor crashes: it is back after `crashMs`, with what it has written. */
  readonly crashesAtMs?: readonly number[];
  readonly orderAt?: { readonly atMs: number; readonly order: "promote" | "roll-back" };
}

export interface RolloutStep {
  readonly atMs: number;
  readonly decision: RolloutDecision;
  readonly fresh: InstanceCounts;
  readonly old: InstanceCounts;
  /** Requests of this step that the new release got. */
  readonly freshRequests: number;
  /** Whether no ready instance was there to take a request. */
  readonly refused: boolean;
}

export interface InstanceCounts {
  readonly starting: number;
  readonly ready: number;
  readonly draining: number;
}

interface Instance {
  readonly startedAtMs: number;
  drainingSinceMs?: number;
}

const stepMs = 250;
const crashMs = 20_000;
const endMs = 3_600_000;
const finalPhases: readonly string[] = ["done", "abandoned", "rolled-back"];

class Side {
  readonly #release: SimulatedRelease;
  readonly #drainMs: number;
  instances: Instance[] = [];
  ended = 0;
  requests = 0;
  failures = 0;

  constructor(release: SimulatedRelease, drainMs: number, serving: number) {
    this.#release = release;
    this.#drainMs = drainMs;
    this.instances = Array.from({ length: serving }, () => ({ startedAtMs: Number.NEGATIVE_INFINITY }));
  }

  /** Ends those that end by themselves, and those that have drained. Each that ended by itself is started again. */
  advance(now: number): void {
    const { endsAfterMs } = this.#release;
    this.instances = this.instances.flatMap((instance) => {
      if (instance.drainingSinceMs !== undefined)
        return now - instance.drainingSinceMs < this.#drainMs ? [instance] : [];
      if (endsAfterMs === undefined || now - instance.startedAtMs < endsAfterMs) return [instance];
      this.ended += 1;
      return [{ startedAtMs: now }];
    });
  }

  counts(now: number): InstanceCounts {
    const present = this.instances.filter(({ drainingSinceMs }) => drainingSinceMs === undefined);
    const ready = present.filter((instance) => this.#isReady(instance, now)).length;
    return { starting: present.length - ready, ready, draining: this.instances.length - present.length };
  }

  follow(wanted: number, now: number): void {
    const present = this.instances.filter(({ drainingSinceMs }) => drainingSinceMs === undefined);
    for (let missing = wanted - present.length; missing > 0; missing--) this.instances.push({ startedAtMs: now });
    for (const instance of present.slice(0, Math.max(0, present.length - wanted))) instance.drainingSinceMs = now;
  }

  take(requests: number, random: Random): void {
    this.requests += requests;
    for (let request = 0; request < requests; request++)
      if (random() < (this.#release.failureRate ?? 0)) this.failures += 1;
  }

  get p99Ms(): number {
    return this.#release.p99Ms ?? 20;
  }

  #isReady({ startedAtMs }: Instance, now: number): boolean {
    const { startMs } = this.#release;
    return startedAtMs === Number.NEGATIVE_INFINITY || (startMs !== undefined && now - startedAtMs >= startMs);
  }
}

/** A supervisor, a gateway and two releases, on a clock of their own, until the rollout is over. */
export function simulateRollout(simulation: RolloutSimulation): readonly RolloutStep[] {
  const { plan, drainMs, random, perSecond } = simulation;
  const fresh = new Side(simulation.fresh, drainMs, 0);
  const old = new Side(simulation.old, drainMs, simulation.oldInstances);
  const steps: RolloutStep[] = [];
  let state: RolloutState = beginRollout(plan, 0);
  let wants = { freshServes: false } as RolloutDecision["wants"];
  for (let atMs = 0; atMs < endMs; atMs += stepMs) {
    fresh.advance(atMs);
    old.advance(atMs);
    const freshRequests = serve(fresh, old, wants, atMs, (perSecond * stepMs) / 1_000, random);
    const isDown = simulation.crashesAtMs?.some((crash) => atMs >= crash && atMs < crash + crashMs);
    if (isDown) continue;
    const decision = decideRollout(state, observe(simulation, state, fresh, old, atMs), atMs);
    // What a supervisor that has crashed reads is what was written.
    state = JSON.parse(JSON.stringify(decision.state));
    wants = decision.wants;
    const counts = { fresh: fresh.counts(atMs), old: old.counts(atMs) };
    const refused = counts.old.ready === 0 && (counts.fresh.ready === 0 || !wants.freshServes);
    steps.push({ atMs, decision, ...counts, freshRequests, refused });
    fresh.follow(wants.fresh, atMs);
    old.follow(wants.old, atMs);
    if (finalPhases.includes(state.phase)) return steps;
  }
  throw new Error(`The rollout is not over after an hour: ${state.phase}`);
}

function serve(
  fresh: Side,
  old: Side,
  wants: RolloutDecision["wants"],
  now: number,
  requests: number,
  random: Random,
): number {
  const freshReady = wants.freshServes ? fresh.counts(now).ready : 0;
  const oldReady = old.counts(now).ready;
  const share = freshReady === 0 ? 0 : oldReady === 0 ? 1 : (wants.freshShare ?? freshReady / (freshReady + oldReady));
  let ofFresh = 0;
  for (let request = 0; request < requests; request++) if (random() < share) ofFresh += 1;
  fresh.take(ofFresh, random);
  old.take(requests - ofFresh, random);
  return ofFresh;
}

function observe(
  { orderAt }: RolloutSimulation,
  { phase }: RolloutState,
  fresh: Side,
  old: Side,
  now: number,
): RolloutObservation {
  const evidenceOf = ({ requests, failures, p99Ms }: Side) => ({ requests, failures, p99Ms });
  const evidence: CanaryEvidence = { fresh: evidenceOf(fresh), old: evidenceOf(old) };
  return {
    fresh: { ...fresh.counts(now), ended: fresh.ended },
    old: { ...old.counts(now), ended: old.ended },
    ...(phase === "canary" && { evidence }),
    ...(orderAt && now >= orderAt.atMs && { order: orderAt.order }),
  };
}
