import type { Clock, Random, Timer } from "../model/clock.ts";
import { TrellisError } from "../model/errors.ts";
import type { Role } from "../model/plan.ts";
import { decideRestart, neverStarted, type RestartState } from "../policies/restart.ts";
import type { InstanceEnd, InstanceListener, InstanceProcess, ReadyFacts } from "./instance-process.ts";
import { startFailed } from "./start-failed.ts";
import type { InstanceRecord } from "./state.ts";
import type { SupervisorEvent } from "./supervisor-event.ts";

/** Which place it is: `web-1` of release 3. */
export interface PlaceName {
  /** The group of the plan that it is one of. */
  readonly pool: string;
  readonly role: Role;
  /** Among those of its pool, counted from 1. */
  readonly number: number;
  readonly release: number;
  /** Whether the gateways ask it. */
  readonly answers: boolean;
}

/** What people call it: `web-1`. */
export function placeLabel({ pool, number }: PlaceName): string {
  return `${pool}-${number}`;
}

export function isSamePlace(one: PlaceName, other: PlaceName): boolean {
  return one.pool === other.pool && one.number === other.number && one.release === other.release;
}

/** A process that is about to be started in a place. */
export interface PlaceStart extends PlaceName {
  /** `web-1@3.17`. */
  readonly id: string;
  readonly framesSocket?: string;
}

export interface PlaceParts {
  /** Starts a process; `listener` is told what becomes of it, never before this returns. */
  readonly start: (start: PlaceStart, listener: InstanceListener) => InstanceProcess;
  /** Names a new process of this place. */
  readonly nameProcess: (place: PlaceName) => PlaceStart;
  readonly clock: Clock;
  readonly random: Random;
  /** A process that is not ready after this long is ended. */
  readonly startTimeoutMs: number;
  /** One that has not ended this long after it was asked to is ended by force. */
  readonly stopTimeoutMs: number;
  /** Its process or its state is another one now. */
  readonly onChange: (place: Place) => void;
  readonly onEvent: (event: SupervisorEvent) => void;
}

export type PlaceState = "starting" | "ready" | "waiting" | "stopping" | "gone";

/** An instance that serves. */
export interface RunningInstance extends ReadyFacts {
  readonly role: Role;
  readonly pid: number;
}

/** A process that an earlier supervisor has started here. */
export interface AdoptedInstance {
  readonly record: InstanceRecord & { readonly facts: ReadyFacts };
  readonly adopt: (ended: (says: string) => void) => InstanceProcess;
}

/** A place for one instance, kept filled: a process that ends is followed by another. */
export class Place {
  readonly name: PlaceName;
  /** Settles once: with the first instance that serves here, or with why the first one never did. */
  readonly first: Promise<RunningInstance>;
  /** How often a process has ended here that had been ready. */
  restarts = 0;
  readonly #parts: PlaceParts;
  readonly #settled = Promise.withResolvers<RunningInstance>();
  readonly #empty = Promise.withResolvers<void>();
  #present: { readonly start: PlaceStart; readonly process: InstanceProcess } | undefined;
  #facts: ReadyFacts | undefined;
  #readyAt: number | undefined;
  #state: PlaceState = "starting";
  #everReady = false;
  #restart: RestartState = neverStarted;
  #timer: Timer | undefined;

  constructor(name: PlaceName, parts: PlaceParts, adopted?: AdoptedInstance) {
    this.name = name;
    this.#parts = parts;
    this.first = this.#settled.promise;
    // Not everyone who opens a place waits for it.
    this.first.catch(() => undefined);
    if (adopted) this.#adopt(adopted);
    else this.#start();
  }

  get state(): PlaceState {
    return this.#state;
  }

  /** When the present process became ready, in milliseconds since 1970; undefined while it is not. */
  get readyAt(): number | undefined {
    return this.#readyAt;
  }

  /** How often in a row a process has ended here before it had been ready for long. */
  get failures(): number {
    return this.#restart.failures;
  }

  /** The process that is here now, for the state; undefined where there is none. */
  get record(): InstanceRecord | undefined {
    if (!this.#present) return undefined;
    const { start, process } = this.#present;
    return { ...start, pid: process.pid, born: process.born ?? "", ...(this.#facts ? { facts: this.#facts } : {}) };
  }

  /** Starts no more, and asks the process to end. Resolves when it is gone. */
  stop(): Promise<void> {
    if (this.#state === "stopping" || this.#state === "gone") return this.#empty.promise;
    this.#timer?.cancel();
    const process = this.#present?.process;
    this.#enter(process ? "stopping" : "gone");
    if (!process) this.#empty.resolve();
    process?.drain();
    this.#timer = process && this.#parts.clock.after(this.#parts.stopTimeoutMs, () => process.kill());
    if (!process) this.#settled.reject(stoppedEarly());
    return this.#empty.promise;
  }

  kill(): void {
    this.#present?.process.kill();
  }

  #start(): void {
    const { start, nameProcess, clock, startTimeoutMs } = this.#parts;
    const named = nameProcess(this.name);
    let timedOut = false;
    const process = start(named, {
      ready: (facts) => this.#becameReady(process, facts),
      ended: (end) => this.#ended(process, timedOut ? { says: `not ready after ${startTimeoutMs} ms` } : end),
    });
    this.#present = { start: named, process };
    this.#timer = clock.after(startTimeoutMs, () => {
      timedOut = true;
      process.kill();
    });
    this.#enter("starting");
  }

  #adopt({ record, adopt }: AdoptedInstance): void {
    const process = adopt((says) => this.#ended(process, { says }));
    this.#present = { start: record, process };
    this.#facts = record.facts;
    this.#serves(process, record.facts);
  }

  #becameReady(process: InstanceProcess, facts: ReadyFacts): void {
    if (this.#state !== "starting") return;
    this.#timer?.cancel();
    this.#facts = facts;
    const name = placeLabel(this.name);
    const { role } = this.name;
    this.#parts.onEvent({ event: "instance", name, role, pid: process.pid, url: facts.privateUrl });
    this.#serves(process, facts);
  }

  #serves({ pid }: InstanceProcess, facts: ReadyFacts): void {
    const { clock, random } = this.#parts;
    this.#everReady = true;
    this.#readyAt = clock.now();
    this.#restart = decideRestart(this.#restart, "ready", clock.now(), random).state;
    this.#enter("ready");
    this.#settled.resolve({ ...facts, role: this.name.role, pid });
  }

  #ended({ pid }: InstanceProcess, end: InstanceEnd): void {
    const { clock, random, onEvent } = this.#parts;
    this.#timer?.cancel();
    this.#present = undefined;
    this.#facts = undefined;
    this.#readyAt = undefined;
    if (this.#state === "stopping" || !this.#everReady) {
      // What fails the first time fails for a reason that trying again does not mend.
      this.#settled.reject(this.#state === "stopping" ? stoppedEarly() : startFailed(placeLabel(this.name), end));
      this.#enter("gone");
      this.#empty.resolve();
      return;
    }
    const { state, restartInMs = 0 } = decideRestart(this.#restart, "ended", clock.now(), random);
    this.#restart = state;
    this.restarts += 1;
    this.#enter("waiting");
    const because = end.error ? `${end.error.says} (${end.says})` : end.says;
    onEvent({ event: "restart", name: placeLabel(this.name), role: this.name.role, pid, because, inMs: restartInMs });
    this.#timer = clock.after(restartInMs, () => this.#start());
  }

  #enter(state: PlaceState): void {
    this.#state = state;
    this.#parts.onChange(this);
  }
}

function stoppedEarly(): TrellisError {
  return new TrellisError("unavailable", { says: "Stopped before it was ready" });
}
