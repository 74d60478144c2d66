import type { Clock, Random, Timer } from "../../model/clock.ts";
import type { Log } from "../../model/log.ts";
import { decideScale } from "../../policies/autoscaling/decide-scale.ts";
import type { ScaleDecision, ScaleParams, ScaleReason, ScaleState } from "../../policies/autoscaling/scale.ts";
import { unscaled } from "../../policies/autoscaling/scale-memory.ts";
import { decideRestart, neverStarted, type RestartState } from "../../policies/restart.ts";
import { groupSamples, type Look } from "./group-samples.ts";
import type { InstanceLoad, LoadSources } from "./load.ts";
import type { ScaleJournal } from "./scale-journal.ts";
import type { ScaleNote } from "./scale-note.ts";
import type { ScaledApp, ScaledGroup } from "./scaled-app.ts";

export interface ScalerParts {
  readonly app: ScaledApp;
  readonly sources: LoadSources;
  readonly journal: ScaleJournal;
  readonly params: Omit<ScaleParams, "instancesMin" | "instancesMax">;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Something was noted. */
  readonly onNote: (note: ScaleNote) => void;
}

/** As often as gateways tell their figures. */
const lookMs = 1_000;

/** What is remembered of one group. */
interface Kept {
  readonly state: ScaleState;
  readonly ready: number;
  /** How often in a row one that was started never served. */
  readonly failures: RestartState;
  /** Until then nothing is started, after something that did not. */
  readonly notBefore: number;
  readonly latest?: ScaleReason;
}

/** Of a group that is looked at for the first time. What it has was wanted by whoever decided before. */
function begun({ instances }: ScaledGroup, now: number): Kept {
  const state = { ...unscaled, wanted: [{ at: now, instances: instances.length }] };
  return { state, ready: 0, failures: neverStarted, notBefore: Number.NEGATIVE_INFINITY };
}

/** Looks at the load once a second, and gives each group the instances that the policy asks for. */
export class Scaler {
  readonly #parts: ScalerParts;
  readonly #kept = new Map<string, Kept>();
  readonly #wanted = new Set<string>();
  #before: Look | undefined;
  #timer: Timer | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isLooking = false;
  #again = false;
  #started = false;
  #stopped = false;

  constructor(parts: ScalerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#started = true;
    this.#lookNow();
  }

  /** Decides nothing any more. Resolves when the last decision is taken. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#looking;
  }

  /** A request waits for an instance of this group, which has none. It is looked at once. */
  wanted(group: string): void {
    if (this.#stopped) return;
    this.#wanted.add(group);
    // What waits before the start is seen by the first look.
    if (!this.#started) return;
    if (this.#isLooking) this.#again = true;
    else this.#lookNow();
  }

  /** Why the group has as many as it has: what was decided last, also where nothing was to be noted. */
  reason(group: string): ScaleReason | undefined {
    return this.#kept.get(group)?.latest;
  }

  #lookNow(): void {
    this.#timer?.cancel();
    this.#again = false;
    this.#isLooking = true;
    this.#looking = this.#look()
      .catch((error: unknown) => this.#parts.log.warn("the load could not be looked at", { error }))
      .then(() => {
        this.#isLooking = false;
        if (this.#stopped) return;
        if (this.#again) this.#lookNow();
        else this.#timer = this.#parts.clock.after(lookMs, () => this.#lookNow());
      });
  }

  async #look(): Promise<void> {
    const { app } = this.#parts;
    const groups = app.scaledGroups();
    for (const known of this.#kept.keys()) if (!groups.some(({ name }) => name === known)) this.#kept.delete(known);
    if (groups.length === 0) {
      this.#before = undefined;
      this.#wanted.clear();
      return;
    }
    const now = await this.#seen(groups);
    if (this.#stopped) return;
    const wanted = new Set(this.#wanted);
    this.#wanted.clear();
    // While it was looked at, some may have ended or become ready.
    for (const group of app.scaledGroups())
      if (groups.some(({ name }) => name === group.name)) this.#decide(group, now, wanted.has(group.name));
    this.#before = now;
  }

  async #seen(groups: readonly ScaledGroup[]): Promise<Look> {
    const { app, sources } = this.#parts;
    const instances = groups.flatMap((group) => group.instances);
    const urls = instances.flatMap(({ privateUrl }) => privateUrl ?? []);
    const works = groups.some((group) => group.works);
    const [loads, memory, work] = await Promise.all([
      Promise.all(urls.map(async (url) => [url, await sources.ofInstance(url)] as const)),
      sources.memoryOf(instances.flatMap(({ pid }) => pid ?? [])),
      works ? this.#work() : [],
    ]);
    const said = loads.filter((one): one is readonly [string, InstanceLoad] => one[1] !== undefined);
    return { figures: app.figures, loads: new Map(said), memory, work, machine: sources.machine() };
  }

  async #work(): Promise<Look["work"]> {
    try {
      return await this.#parts.sources.ofServices();
    } catch (error) {
      this.#parts.log.debug("what waits to be worked is not known", { error });
      return this.#before?.work ?? [];
    }
  }

  #decide(group: ScaledGroup, look: Look, isWanted: boolean): void {
    const { app, clock, params } = this.#parts;
    const kept = this.#kept.get(group.name) ?? begun(group, clock.now());
    const paused = app.pausedServices;
    // How busy an instance is, only two looks tell.
    if (this.#before === undefined && group.instances.length > 0) return;
    const samples = groupSamples(group, look, this.#before, { paused, isWanted });
    const bounds = { instancesMin: group.range.min, instancesMax: group.range.max };
    const decision = decideScale(kept.state, samples, clock.now(), { ...params, ...bounds });
    const { ready } = samples;
    const failures = ready > kept.ready ? neverStarted : kept.failures;
    this.#kept.set(group.name, { ...kept, ready, failures, state: decision.state, latest: decision.reason });
    const running = group.instances.length;
    if (decision.desired === running) this.#noteStay(group.name, running, decision);
    else this.#change(group, decision, kept);
  }

  #change(group: ScaledGroup, { desired, reason }: ScaleDecision, kept: Kept): void {
    const { app, clock } = this.#parts;
    const { name, instances } = group;
    const hindrance = this.#hindrance(group, desired, kept);
    const change = { at: clock.now(), group: name, from: instances.length, to: desired };
    if (hindrance !== undefined) {
      const says = `${reason.says} Not now: ${hindrance}.`;
      this.#kept.set(name, { ...(this.#kept.get(name) ?? kept), latest: { ...reason, says } });
      this.#note({ ...change, kind: "held-back", says, done: false });
      return;
    }
    this.#note({ ...change, ...reason, done: true });
    app.resize(name, desired, (error) => this.#failed(name, error));
  }

  /** Why a change that is wanted is not made. */
  #hindrance({ answers, services, instances }: ScaledGroup, desired: number, kept: Kept): string | undefined {
    const { app, clock } = this.#parts;
    if (app.underWay !== undefined) return `${app.underWay} is under way`;
    if (answers && services.length > 0 && services.every((service) => app.pausedServices.includes(service)))
      return "it is paused";
    if (desired > instances.length && clock.now() < kept.notBefore) return "the last one that was started never served";
    return undefined;
  }

  /** Nothing changes: only where something asks for a change it is worth a note. */
  #noteStay(group: string, running: number, { reason }: ScaleDecision): void {
    const asks = reason.limitedBy !== undefined || waitingKinds.has(reason.kind);
    const at = this.#parts.clock.now();
    if (asks) this.#note({ at, group, from: running, to: running, ...reason, done: false });
  }

  #failed(group: string, error: unknown): void {
    const { app, clock, random } = this.#parts;
    const kept = this.#kept.get(group);
    const has = app.scaledGroups().find(({ name }) => name === group)?.instances.length;
    if (this.#stopped || !kept || has === undefined) return;
    const now = clock.now();
    const { state, restartInMs = 0 } = decideRestart(kept.failures, "ended", now, random);
    // Not by chance alone: what fails at once would be started each second.
    const pauseMs = Math.max(restartInMs, pauseMsMin);
    this.#kept.set(group, { ...kept, failures: state, notBefore: now + pauseMs });
    const because = error instanceof Error ? error.message : String(error);
    const says = `An instance did not start: ${because}. The next one is started in ${Math.ceil(pauseMs / 1_000)} s at the earliest.`;
    this.#note({ at: now, group, from: has, to: has, kind: "failed", says, done: false });
  }

  #note(note: ScaleNote): void {
    if (this.#parts.journal.add(note)) this.#parts.onNote(note);
  }
}

/** Something asks for a change that is not made yet. */
const waitingKinds: ReadonlySet<ScaleReason["kind"]> = new Set([
  "waiting-to-rest",
  "waiting-to-shrink",
  "latency-guard",
  "no-samples",
]);

/** After an instance that never served. */
const pauseMsMin = 5_000;
