import type { Clock, Random, Timer } from "../model/clock.ts";
import { TrellisError } from "../model/errors.ts";
import type { Role } from "../model/plan.ts";
import { decideRestart, neverStarted, type RestartState } from "../policies/restart.ts";
import type { InstanceEnd, InstanceProcess, ReadyFacts, SpawnInstance } from "./instance-process.ts";
import { startFailed } from "./start-failed.ts";
import type { SupervisorEvent } from "./supervisor-event.ts";

export interface SlotParts {
  readonly spawn: SpawnInstance;
  readonly clock: Clock;
  readonly random: Random;
  /** A process that is not ready after this long is ended. */
  readonly startTimeoutMs: number;
  readonly onEvent: (event: SupervisorEvent) => void;
}

/** An instance that serves. */
export interface RunningInstance extends ReadyFacts {
  readonly role: Role;
  readonly pid: number;
}

/** A place for one instance, kept filled: a process that ends is followed by another. */
export class InstanceSlot {
  readonly role: Role;
  /** Among those of its role, counted from 1. */
  readonly number: number;
  /** Settles once: with the first instance that serves here, or with why the first one never did. */
  readonly first: Promise<RunningInstance>;
  readonly #parts: SlotParts;
  readonly #settled = Promise.withResolvers<RunningInstance>();
  readonly #empty = Promise.withResolvers<void>();
  #process: InstanceProcess | undefined;
  #everReady = false;
  #state: RestartState = neverStarted;
  #timer: Timer | undefined;
  #stopping = false;

  constructor(role: Role, number: number, parts: SlotParts) {
    this.role = role;
    this.number = number;
    this.#parts = parts;
    this.first = this.#settled.promise;
    this.#start();
  }

  /** Starts no more, and asks the process to end. Resolves when it is gone. */
  stop(): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    if (this.#process) this.#process.drain();
    else this.#empty.resolve();
    return this.#empty.promise;
  }

  kill(): void {
    this.#process?.kill();
  }

  #start(): void {
    const { spawn, clock, startTimeoutMs } = this.#parts;
    let timedOut = false;
    const process = spawn(this.role, this.number, {
      ready: (facts) => this.#becameReady(process, facts),
      ended: (end) => this.#ended(process, timedOut ? { says: `not ready after ${startTimeoutMs} ms` } : end),
    });
    this.#process = process;
    this.#timer = clock.after(startTimeoutMs, () => {
      timedOut = true;
      process.kill();
    });
  }

  #becameReady({ pid }: InstanceProcess, facts: ReadyFacts): void {
    if (this.#stopping) return;
    this.#timer?.cancel();
    this.#everReady = true;
    this.#state = decideRestart(this.#state, "ready", this.#parts.clock.now(), this.#parts.random).state;
    this.#parts.onEvent({ event: "instance", role: this.role, pid, url: facts.privateUrl });
    this.#settled.resolve({ ...facts, role: this.role, pid });
  }

  #ended({ pid }: InstanceProcess, end: InstanceEnd): void {
    this.#timer?.cancel();
    this.#process = undefined;
    if (this.#stopping) {
      this.#settled.reject(new TrellisError("unavailable", { says: "Stopped before it was ready" }));
      this.#empty.resolve();
      return;
    }
    if (!this.#everReady) {
      // What fails the first time fails for a reason that trying again does not mend.
      this.#settled.reject(startFailed(this.role, end));
      return;
    }
    const { state, restartInMs = 0 } = decideRestart(this.#state, "ended", this.#parts.clock.now(), this.#parts.random);
    this.#state = state;
    const because = end.error ? `${end.error.says} (${end.says})` : end.says;
    this.#parts.onEvent({ event: "restart", role: this.role, pid, because, inMs: restartInMs });
    this.#timer = this.#parts.clock.after(restartInMs, () => this.#start());
  }
}
