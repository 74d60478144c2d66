import type { Clock } from "../model/clock.ts";
import { TrellisError } from "../model/errors.ts";
import type { Group } from "../model/group.ts";
import type { Log } from "../model/log.ts";
import type { Purge } from "../model/purge.ts";
import type { RolloutDecision, RolloutObservation, RolloutPlan, RolloutState } from "../policies/rollout/rollout.ts";
import { Fleet, type FleetParts } from "./fleet.ts";
import type { KeptGateway } from "./kept-gateway.ts";
import { poolNamed, requireService } from "./names-in-shape.ts";
import type { PlaceName, RunningInstance } from "./place.ts";
import { isAlive, signalProcess } from "./process-identity.ts";
import { ReleaseBook } from "./release-book.ts";
import { type HowToRoll, type NewRelease, Rollouts } from "./rollouts.ts";
import { InstanceCounts } from "./scaling/instance-counts.ts";
import type { Pause, ReleaseRecord, ReleaseShape, Scale, SupervisorState } from "./state.ts";

export interface SupervisorParts
  extends Omit<FleetParts, "nextSerial" | "gateways" | "routes" | "onChange" | "drainMs"> {
  /** What an earlier supervisor has written down. */
  readonly before: SupervisorState;
  readonly save: (state: SupervisorState) => void;
  /** Opens the gateways, those of an earlier supervisor where they live. */
  readonly openGateways: (supervisor: GatewayOwner) => readonly KeptGateway[];
  readonly beginRollout: (plan: RolloutPlan, now: number) => RolloutState;
  readonly decideRollout: (state: RolloutState, observation: RolloutObservation, now: number) => RolloutDecision;
  /** How long a release is watched after it serves alone. */
  readonly soakMs: number;
  readonly drainMs: number;
  readonly log: Log;
}

/** What a gateway needs of the supervisor. */
export interface GatewayOwner {
  readonly table: Fleet["table"];
  readonly nextSerial: () => number;
  readonly onChange: () => void;
}

const emptyShape: ReleaseShape = { services: [], home: "", groups: [] };

/** Keeps the app of one machine running: its instances, its gateways, its releases. */
export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #clock: Clock;
  #gateways: readonly KeptGateway[] = [];
  readonly fleet: Fleet;
  #serial: number;
  readonly #book: ReleaseBook;
  readonly #counts: InstanceCounts;
  #paused: readonly Pause[];
  readonly #rollouts: Rollouts;
  /** Settles when a release is through that an earlier supervisor has begun. */
  #resumed: Promise<unknown> | undefined;
  /** What is under way that nothing else may come between. */
  #busy: string | undefined;
  #stopping = false;

  constructor(parts: SupervisorParts) {
    const { before } = parts;
    this.#parts = parts;
    this.#clock = parts.clock;
    this.#serial = before.serial;
    this.#book = new ReleaseBook(before.releases, before.current, () => this.#save());
    this.#counts = new InstanceCounts(before);
    this.#paused = before.paused;
    this.fleet = new Fleet({
      ...parts,
      nextSerial: () => this.#nextSerial(),
      gateways: () => this.#gateways,
      routes: () => this.#routes(),
      onChange: () => this.#changed(),
    });
    this.#rollouts = new Rollouts(
      {
        ...parts,
        fleet: this.fleet,
        book: this.#book,
        counts: this.#counts,
        begin: parts.beginRollout,
        decide: parts.decideRollout,
        figures: () => this.#gateways.flatMap(({ figures }) => figures ?? []),
        onChange: () => this.#save(),
      },
      before.rollout,
    );
  }

  get gateways(): readonly KeptGateway[] {
    return this.#gateways;
  }

  get releases(): readonly ReleaseRecord[] {
    return this.#book.records;
  }

  get paused(): readonly Pause[] {
    return this.#paused;
  }

  /** The release that serves. */
  get current(): ReleaseRecord | undefined {
    return this.#book.current;
  }

  /** The number of the next release. */
  get nextRelease(): number {
    return this.#book.next;
  }

  /** What nothing else may come between, if anything: a release, a roll-over. */
  get underWay(): string | undefined {
    return this.#stopping ? "the end" : this.#busy;
  }

  /**
   * Runs this release: goes on with what an earlier supervisor has left running, and with the release that it had under
   * way; starts what is missing. Resolves when every instance serves. Rejects with `start-failed`, all stopped, when one
   * never did.
   */
  async open(release: NewRelease): Promise<readonly RunningInstance[]> {
    const isCurrent = release.number === this.current?.number;
    const at = this.releases.find(({ number }) => number === release.number)?.at ?? this.#clock.now();
    this.#book.serves({ ...release, at, state: "serving" });
    this.#adopt();
    this.#counts.wakeAll();
    const adopted = this.fleet.places();
    // Where nothing runs any more there is no rollout: the release before starts alone.
    const isResumed = isCurrent && adopted.length > 0 && this.#resume();
    if (!isResumed) this.#startAlone(release);
    this.#gateways = this.#parts.openGateways({
      table: () => this.fleet.table(),
      nextSerial: () => this.#nextSerial(),
      onChange: () => this.#changed(),
    });
    try {
      const places = isResumed ? adopted : this.fleet.staying(release.number);
      const running = Promise.all(places.map(({ first }) => first));
      const [instances] = await Promise.all([running, ...this.#gateways.map(({ ready }) => ready)]);
      return instances;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Starts every adopted instance and gateway anew, one after the other, so that all are this supervisor's own. */
  async rollOver(): Promise<void> {
    await this.#resumed;
    await this.#alone("a roll-over", async () => {
      const adopted = this.#parts.before.instances.map(({ pid }) => pid);
      for (const place of this.fleet.places()) {
        if (this.#stopping || !adopted.includes(place.record?.pid ?? 0)) continue;
        const successor = this.fleet.open(place.name);
        await successor.first;
        await this.fleet.retire(place);
      }
      const gateways = this.#parts.before.gateways.map(({ pid }) => pid);
      for (const gateway of this.#gateways)
        if (!this.#stopping && gateways.includes(gateway.record?.pid ?? 0)) await gateway.replace();
    });
  }

  /**
   * Makes a release and puts it in the place of the present one. Resolves with what became of it; rejects where it could
   * not even be made.
   */
  deploy(from: string, make: (number: number) => Promise<Omit<NewRelease, "from">>, how: HowToRoll) {
    const number = this.nextRelease;
    return this.#alone(`release ${number}`, async () => {
      const making = { number, from, at: this.#clock.now(), config: "", copied: true, shape: emptyShape };
      try {
        this.#book.note({ ...making, state: "starting" });
        const made = { ...(await make(number)), from };
        return await this.#rollouts.roll(made, how, "replaced");
      } catch (error) {
        const because = error instanceof Error ? error.message : String(error);
        const record = this.releases.find((known) => known.number === number) ?? making;
        // One that was stopped on its way is the next supervisor's to judge.
        if (!this.#stopping) this.#book.note({ ...record, state: "failed", because });
        throw error;
      }
    });
  }

  /** Goes back to an earlier release. Resolves with what became of it. */
  rollBack(release: ReleaseRecord, how: HowToRoll): Promise<ReleaseRecord> {
    return this.#alone(`the way back to release ${release.number}`, () =>
      this.#rollouts.roll(release, how, "rolled-back"),
    );
  }

  async pause(pause: Pause): Promise<void> {
    requireService(this.#shape, pause.service);
    this.#paused = [...this.#paused.filter(({ service }) => service !== pause.service), pause];
    this.#save();
    await this.fleet.publish();
  }

  async resume(service: string): Promise<void> {
    requireService(this.#shape, service);
    this.#paused = this.#paused.filter((pause) => pause.service !== service);
    this.#save();
    await this.fleet.publish();
  }

  /** Takes answers out of the edge caches of all gateways; resolves when that is done. */
  async purge(purge: Purge): Promise<void> {
    if ("service" in purge && purge.service !== undefined) requireService(this.#shape, purge.service);
    await Promise.all(this.#gateways.map((gateway) => gateway.purge(purge)));
  }

  /** Gives a service's pool, or a role, so many instances; resolves when those that are new serve and others are gone. */
  async scale(name: string, scale: Scale): Promise<void> {
    const pool = poolNamed(this.#shape, name);
    const { current } = this;
    if (!current) return;
    await this.#alone("a change of scale", async () => {
      // From what it has, not from what its release began with.
      this.#counts.set(pool, this.fleet.staying(current.number).filter((place) => place.name.pool === pool).length);
      this.#counts.ask(pool, scale);
      this.#save();
      const wanted = this.#namesOf(current);
      await Promise.all(this.fleet.fill(wanted).map(({ first }) => first));
      await this.fleet.clear(current.number, wanted);
      await this.fleet.publish();
    });
  }

  /** Gives a group so many instances at once. `failed` is told of each new one that never serves. */
  resize(group: string, instances: number, failed: (error: unknown) => void): void {
    const { current } = this;
    if (!current) return;
    this.#counts.set(group, instances);
    const wanted = this.#namesOf(current);
    for (const place of this.fleet.fill(wanted))
      place.first.catch((error: unknown) => {
        if (this.#stopping || this.fleet.isRetiring(place)) return;
        this.fleet.forget(place);
        failed(error);
      });
    void this.fleet.clear(current.number, wanted);
    this.#save();
  }

  /** What was asked for with `trellis scale`, by group. */
  get ranges(): SupervisorState["scale"] {
    return this.#counts.written.scale;
  }

  /** Between how many instances a group has. */
  rangeOf(group: Group): Scale {
    return this.#counts.range(group);
  }

  /** Lets gateways and instances finish what they have begun. Resolves when all are gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#rollouts.stop();
    const gateways = this.#gateways.map((gateway) => gateway.stop(this.#parts.drainMs));
    await Promise.all([...gateways, this.fleet.stop()]);
    this.#save();
  }

  /** Ends every instance and gateway at once. */
  kill(): void {
    for (const gateway of this.#gateways) gateway.kill();
    this.fleet.kill();
  }

  #adopt(): void {
    for (const record of this.#parts.before.instances) {
      if (!isAlive(record)) continue;
      // It was starting: what it had to say went to a supervisor that is gone.
      if (!this.fleet.adopt(record)) signalProcess(record, "SIGKILL");
    }
  }

  /** Goes on with a release that was under way; false where there is none. */
  #resume(): boolean {
    const number = this.#rollouts.written?.state.plan.release;
    if (number === undefined) return false;
    const { log, onEvent } = this.#parts;
    const resumed = this.#rollouts.resume(onEvent);
    if (!resumed) return false;
    const onEnd = ({ state, because = "" }: ReleaseRecord) =>
      onEvent({ event: "release", release: number, step: state, says: because || `Release ${number} serves.` });
    this.#resumed = this.#alone(`release ${number}`, () => resumed).then(onEnd, (error: unknown) => {
      log.error("a release does not go on", { release: number, error });
    });
    return true;
  }

  #startAlone(release: NewRelease): void {
    this.#rollouts.giveUp();
    this.fleet.become(this.#namesOf(release));
    // What can go wrong is what a gateway does not take, and there is none yet.
    void this.fleet.serve(release.number, true);
  }

  #namesOf({ number, shape }: Pick<ReleaseRecord, "number" | "shape">): readonly PlaceName[] {
    return this.#counts.namesOf(number, shape);
  }

  async #alone<T>(what: string, run: () => Promise<T>): Promise<T> {
    if (this.#busy !== undefined)
      throw new TrellisError("busy", { says: `${this.#busy} is under way, and ${what} has to wait for its end` });
    this.#busy = what;
    try {
      return await run();
    } finally {
      this.#busy = undefined;
      this.#changed();
    }
  }

  #routes(): ReturnType<FleetParts["routes"]> {
    const shape = this.#shape;
    const mayRest = shape.groups.filter((group) => this.rangeOf(group).min === 0).map(({ name }) => name);
    const { share } = this.#rollouts;
    return { shape, paused: this.#paused, mayRest, ...(share ? { canary: share } : {}) };
  }

  get #shape(): ReleaseShape {
    return this.current?.shape ?? emptyShape;
  }

  #nextSerial(): number {
    this.#serial += 1;
    return this.#serial;
  }

  #changed(): void {
    this.#rollouts.changed();
    this.#save();
  }

  #save(): void {
    this.#parts.save({
      format: 1,
      serial: this.#serial,
      ...(this.current ? { current: this.current.number } : {}),
      releases: this.releases,
      instances: this.fleet.records,
      gateways: this.#gateways.flatMap(({ record }) => (record ? [record] : [])),
      ...this.#counts.written,
      paused: this.#paused,
      ...(this.#rollouts.written ? { rollout: this.#rollouts.written } : {}),
    });
  }
}
