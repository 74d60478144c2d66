import type { GatewayFigures, UpstreamFigures } from "../gateway/port.ts";
import type { Clock } from "../model/clock.ts";
import type {
  CanaryEvidence,
  ReleaseEvidence,
  ReleaseInstances,
  RolloutDecision,
  RolloutObservation,
  RolloutState,
  RolloutWants,
} from "../policies/rollout/rollout.ts";
import type { Fleet } from "./fleet.ts";
import { isSamePlace, type Place, type PlaceName } from "./place.ts";

export interface RolloutDriverParts {
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly decide: (state: RolloutState, observation: RolloutObservation, now: number) => RolloutDecision;
  /** The places of the release that comes in, in the order in which they are filled. */
  readonly fresh: readonly PlaceName[];
  /** Those of the one that goes, in the order in which they are given up. */
  readonly old: readonly PlaceName[];
  readonly figures: () => readonly GatewayFigures[];
  /** The share of requests that the release gets; undefined: as its instances are many. */
  readonly onShare: (share: number | undefined) => void;
  /** What was counted when the canary began, before this driver took over. */
  readonly baseline?: CanaryEvidence;
  /** After each decision: what a later driver would go on from, and why it is so. */
  readonly onLook: (decision: RolloutDecision) => void;
  /** After each decision that changed something: to be written down, and told. */
  readonly onDecision: (decision: RolloutDecision) => void;
}

/** How often a rollout is looked at while nothing happens. */
const lookMs = 250;

/** Does what the policy wants: starts, swaps, drains and stops, until one release serves alone. */
export class RolloutDriver {
  readonly #parts: RolloutDriverParts;
  /** How often a process of each release has ended by itself since this began. */
  readonly #ends = { fresh: 0, old: 0 };
  /** Why the last one that never served did not. */
  #lastFailure: unknown;
  #baseline: CanaryEvidence | undefined;
  #order: RolloutObservation["order"];
  #wake: () => void = () => undefined;
  #stopped = false;

  constructor(parts: RolloutDriverParts) {
    this.#parts = parts;
    this.#baseline = parts.baseline;
  }

  /** What was counted when the canary began. */
  get baseline(): CanaryEvidence | undefined {
    return this.#baseline;
  }

  /** Why an instance of the release that comes in never served, where one did not. */
  get lastFailure(): unknown {
    return this.#lastFailure;
  }

  /** What an operator wants, whatever the figures say. */
  order(order: RolloutObservation["order"]): void {
    this.#order = order;
    this.#wake();
  }

  /** Something has changed: looks at once. */
  changed(): void {
    this.#wake();
  }

  /** Starts and ends nothing more. */
  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  /** Resolves with the state in which it ends: `done`, `abandoned` or `rolled-back`; with nothing where it was stopped. */
  async run(begin: RolloutState): Promise<RolloutState | undefined> {
    const { clock, decide, onLook, onDecision } = this.#parts;
    let state = begin;
    while (!this.#stopped) {
      const decision = decide(state, this.#observation(state), clock.now());
      const told = decision.state.phase !== state.phase || decision.state.batch !== state.batch;
      state = decision.state;
      if (state.phase !== "canary") this.#baseline = undefined;
      onLook(decision);
      if (told) onDecision(decision);
      await this.#reconcile(decision.wants);
      if (["done", "abandoned", "rolled-back"].includes(state.phase)) return state;
      await this.#nextLook();
    }
    return undefined;
  }

  async #reconcile({ fresh, old, freshShare, freshServes }: RolloutWants): Promise<void> {
    const { fleet, onShare } = this.#parts;
    const release = this.#parts.fresh[0]?.release ?? 0;
    const kept = this.#parts.old.slice(this.#parts.old.length - old);
    this.#fill("fresh", this.#parts.fresh.slice(0, fresh));
    this.#fill("old", kept);
    onShare(freshShare);
    const oldRelease = this.#parts.old[0]?.release;
    // Both are said before the gateways are told of either.
    const before = oldRelease !== undefined && old > 0 ? fleet.serve(oldRelease, true) : undefined;
    await Promise.all([before, fleet.serve(release, freshServes)]);
    this.#empty(this.#parts.fresh, this.#parts.fresh.slice(0, fresh));
    this.#empty(this.#parts.old, kept);
  }

  /** Opens the places that are wanted and not there. */
  #fill(side: "fresh" | "old", wanted: readonly PlaceName[]): void {
    const { fleet } = this.#parts;
    for (const name of wanted) {
      if (fleet.staying(name.release).some((place) => isSamePlace(place.name, name))) continue;
      this.#watch(side, fleet.open(name));
    }
  }

  /** Retires the instances of the release that are not among those to stay. */
  #empty([first]: readonly PlaceName[], staying: readonly PlaceName[]): void {
    const { fleet } = this.#parts;
    for (const place of first ? fleet.staying(first.release) : [])
      if (!staying.some((name) => isSamePlace(place.name, name))) void fleet.retire(place).then(() => this.#wake());
  }

  #watch(side: "fresh" | "old", place: Place): void {
    const { fleet } = this.#parts;
    void place.first.then(
      () => this.#wake(),
      (error: unknown) => {
        if (fleet.isRetiring(place)) return;
        this.#lastFailure = error;
        this.#ends[side] += 1;
        fleet.forget(place);
        this.#wake();
      },
    );
  }

  #observation(state: RolloutState): RolloutObservation {
    const evidence = state.phase === "canary" ? this.#evidence() : undefined;
    return {
      fresh: this.#count(this.#parts.fresh, this.#ends.fresh),
      old: this.#count(this.#parts.old, this.#ends.old),
      ...(evidence ? { evidence } : {}),
      ...(this.#order ? { order: this.#order } : {}),
    };
  }

  #count([first]: readonly PlaceName[], neverServed: number): ReleaseInstances {
    const count = { starting: 0, ready: 0, draining: 0, ended: neverServed };
    if (!first) return count;
    const { fleet } = this.#parts;
    for (const place of fleet.places(first.release)) {
      count.ended += place.restarts;
      if (fleet.isRetiring(place)) count.draining += 1;
      else if (place.state === "ready") count.ready += 1;
      else if (place.state !== "gone") count.starting += 1;
    }
    return count;
  }

  /** What came of the requests of both since the canary began; undefined while no gateway tells. */
  #evidence(): CanaryEvidence | undefined {
    if (this.#parts.figures().length === 0) return undefined;
    const now = {
      fresh: evidenceOf(this.#parts.figures(), this.#parts.fresh[0]?.release),
      old: evidenceOf(this.#parts.figures(), this.#parts.old[0]?.release),
    };
    this.#baseline ??= now;
    return { fresh: since(this.#baseline.fresh, now.fresh), old: since(this.#baseline.old, now.old) };
  }

  #nextLook(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#parts.clock.after(lookMs, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}

function evidenceOf(figures: readonly GatewayFigures[], release: number | undefined): ReleaseEvidence {
  const upstreams = figures.flatMap((gateway) => gateway.upstreams.filter((upstream) => upstream.release === release));
  const sum = (of: (upstream: UpstreamFigures) => number) =>
    upstreams.reduce((total, upstream) => total + of(upstream), 0);
  // The slowest instance's: a percentile of several cannot be had from theirs.
  const p99Ms = Math.max(-1, ...upstreams.map((upstream) => upstream.p99Ms ?? -1));
  return {
    requests: sum(({ requests }) => requests),
    failures: sum(({ failures }) => failures),
    ...(p99Ms < 0 ? {} : { p99Ms }),
  };
}

function since(before: ReleaseEvidence, now: ReleaseEvidence): ReleaseEvidence {
  return {
    ...now,
    // An instance that was started anew counts from 0 again.
    requests: Math.max(0, now.requests - before.requests),
    failures: Math.max(0, now.failures - before.failures),
  };
}
