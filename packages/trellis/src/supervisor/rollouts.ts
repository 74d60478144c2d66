import type { GatewayFigures } from "../gateway/port.ts";
import type { Clock } from "../model/clock.ts";
import { TrellisError } from "../model/errors.ts";
import type { RolloutDecision, RolloutObservation, RolloutPlan, RolloutState } from "../policies/rollout/rollout.ts";
import type { CanaryWish, ReleaseStep } from "./control-words.ts";
import type { Fleet } from "./fleet.ts";
import type { PlaceName } from "./place.ts";
import type { ReleaseBook, Succession } from "./release-book.ts";
import { RolloutDriver } from "./rollout-driver.ts";
import type { InstanceCounts } from "./scaling/instance-counts.ts";
import type { ReleaseRecord, RolloutRecord } from "./state.ts";

/** A release that is to serve, with its code in its place. */
export interface NewRelease extends Pick<ReleaseRecord, "number" | "from" | "config" | "copied" | "shape"> {}

export interface HowToRoll {
  readonly canary?: CanaryWish;
  readonly onStep: (step: ReleaseStep) => void;
}

export interface RolloutsParts {
  readonly fleet: Fleet;
  readonly book: ReleaseBook;
  readonly counts: InstanceCounts;
  readonly clock: Clock;
  readonly begin: (plan: RolloutPlan, now: number) => RolloutState;
  readonly decide: (state: RolloutState, observation: RolloutObservation, now: number) => RolloutDecision;
  readonly figures: () => readonly GatewayFigures[];
  readonly startTimeoutMs: number;
  /** How long a release is watched after it serves alone. */
  readonly soakMs: number;
  /** What is written of it is another now. */
  readonly onChange: () => void;
}

/** How often a rollout is written down at least. Time that a state does not tell of counts for nothing afterwards. */
const writtenMs = 5_000;

/** Puts releases in the places of others, one at a time, so that a later supervisor can go on in the middle. */
export class Rollouts {
  readonly #parts: RolloutsParts;
  #written: RolloutRecord | undefined;
  #driver: RolloutDriver | undefined;
  #share: { readonly release: number; readonly share: number } | undefined;

  constructor(parts: RolloutsParts, written: RolloutRecord | undefined) {
    this.#parts = parts;
    this.#written = written;
  }

  /** For the state. */
  get written(): RolloutRecord | undefined {
    return this.#written;
  }

  /** The part of the requests that a canary gets. */
  get share(): { readonly release: number; readonly share: number } | undefined {
    return this.#share;
  }

  /** Instances have changed: looks at once. */
  changed(): void {
    this.#driver?.changed();
  }

  /** Does nothing more. What is under way rejects, and stays written down as it is. */
  stop(): void {
    this.#driver?.stop();
  }

  /** Puts a release in the place of the present one. Resolves with what became of it. */
  roll(release: NewRelease, { canary, onStep }: HowToRoll, leftAs: RolloutRecord["leftAs"]): Promise<ReleaseRecord> {
    const { fleet, book, counts, clock, startTimeoutMs, soakMs } = this.#parts;
    const { number, from, config, copied, shape } = release;
    const before = book.current;
    const fresh = book.note({ number, from, config, copied, shape, at: clock.now(), state: "starting" });
    const old = before ? counts.namesOf(before.number, before.shape).filter((name) => fleet.isTaken(name)) : [];
    counts.wakeAll();
    const instances = counts.namesOf(number, shape).length;
    const plan: RolloutPlan = {
      release: number,
      ...(before ? { replaces: before.number } : {}),
      instances,
      surge: instances,
      readyMsMax: startTimeoutMs,
      failedStartsMax: 0,
      soakMs,
      ...(canary ? { canary } : {}),
    };
    const record = { state: this.#parts.begin(plan, clock.now()), leftAs };
    return this.#run(record, successionOf(fresh, before, leftAs), old, onStep);
  }

  /** Forgets what an earlier supervisor has begun. */
  giveUp(): void {
    this.#written = undefined;
    this.#parts.book.giveUpInterrupted();
  }

  /**
   * Goes on with what an earlier supervisor has begun, whose instances are adopted by now; undefined where that was nothing.
   * What is to serve now does so in the fleet when this returns.
   */
  resume(onStep: (step: ReleaseStep) => void): Promise<ReleaseRecord> | undefined {
    const { fleet, book, counts } = this.#parts;
    const record = this.#written;
    if (!record) return undefined;
    const { release, replaces } = record.state.plan;
    const fresh = book.records.find(({ number }) => number === release);
    const before = book.records.find(({ number }) => number === replaces);
    if (!fresh || !before) return undefined;
    for (const place of fleet.places())
      if (place.name.release !== release && place.name.release !== replaces) void fleet.retire(place);
    const succession = successionOf(fresh, before, record.leftAs);
    // The state is written before the book: a kill may have come between the two.
    book.follow(succession, record.state);
    const old = counts.namesOf(before.number, before.shape);
    const { says = "It had only begun.", resumed = 0 } = record;
    onStep({ event: "release", release, step: "resumed", says: `Another supervisor goes on with it. ${says}` });
    return this.#run({ ...record, resumed: resumed + 1 }, succession, old, onStep);
  }

  async #run(
    record: RolloutRecord,
    succession: Succession,
    old: readonly PlaceName[],
    onStep: (step: ReleaseStep) => void,
  ): Promise<ReleaseRecord> {
    const { fleet, book, counts } = this.#parts;
    const { number: release, shape } = succession.fresh;
    let { promoted } = record;
    const driver = new RolloutDriver({
      ...this.#parts,
      fresh: counts.namesOf(release, shape),
      old,
      ...(record.baseline ? { baseline: record.baseline } : {}),
      onShare: (share) => {
        this.#share = share === undefined ? undefined : { release, share };
      },
      onLook: ({ state, reason: { says } }) => this.#write({ ...record, state, says }, driver.baseline),
      onDecision: ({ state, reason }) => {
        const { says } = reason;
        if (reason.kind === "promoted") {
          promoted = says;
          this.#write({ ...record, state, says, promoted }, undefined);
        }
        book.follow(succession, state);
        onStep({ event: "release", release, step: reason.kind, says: reason.says });
      },
    });
    this.#driver = driver;
    try {
      const end = await driver.run(record.state);
      if (!end)
        throw new TrellisError("unavailable", { says: `The app was stopped while release ${release} was on its way` });
      this.#written = undefined;
      return book.close(succession, end, driver.lastFailure, promoted);
    } finally {
      this.#driver = undefined;
      this.#share = undefined;
      await fleet.publish();
    }
  }

  #write(record: RolloutRecord, baseline: RolloutRecord["baseline"]): void {
    const { baseline: _, promoted = this.#written?.promoted, ...rest } = record;
    const { state } = rest;
    const known = this.#written?.state;
    const isKnown =
      known?.plan === state.plan &&
      known.phase === state.phase &&
      known.batch === state.batch &&
      known.staying === state.staying &&
      known.slowSince === state.slowSince &&
      promoted === this.#written?.promoted &&
      rest.resumed === this.#written?.resumed &&
      state.decidedAt - known.decidedAt < writtenMs;
    if (isKnown) return;
    this.#written = {
      ...rest,
      ...(promoted === undefined ? {} : { promoted }),
      ...(baseline ? { baseline } : {}),
    };
    this.#parts.onChange();
  }
}

function successionOf(
  fresh: ReleaseRecord,
  replaced: ReleaseRecord | undefined,
  leftAs: RolloutRecord["leftAs"],
): Succession {
  if (!replaced) return { fresh, before: undefined, left: undefined };
  const { because: _, ...rest } = replaced;
  const before: ReleaseRecord = { ...rest, state: "serving" };
  const because =
    leftAs === "replaced" ? `Release ${fresh.number} took its place.` : `Someone went back to release ${fresh.number}.`;
  return { fresh, before, left: { ...before, state: leftAs, because } };
}
