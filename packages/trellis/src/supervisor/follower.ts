import type { Clock, Timer } from "../model/clock.ts";
import type { InstanceEnd, InstanceProcess, ReadyFacts, SpawnInstance } from "./instance-process.ts";

export interface FollowerParts {
  readonly spawn: SpawnInstance;
  readonly clock: Clock;
  /** What to wait for after a change: an editor that saves several files makes one change. */
  readonly settleMs: number;
  /** How long the old process may take to end. */
  readonly stopTimeoutMs: number;
  readonly onReady: (facts: ReadyFacts, pid: number) => void;
  /** It ended by itself: the next change starts it again. */
  readonly onEnded: (end: InstanceEnd) => void;
}

/** One process that follows the edits of its code: each change ends it and starts another. */
export class Follower {
  readonly #parts: FollowerParts;
  #process: InstanceProcess | undefined;
  /** The latest code is not running yet. */
  #stale = true;
  #stopping: PromiseWithResolvers<void> | undefined;
  #settle: Timer | undefined;
  #force: Timer | undefined;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
    this.#startIfStale();
  }

  /** The code has changed. */
  changed(): void {
    this.#settle?.cancel();
    this.#settle = this.#parts.clock.after(this.#parts.settleMs, () => {
      this.#stale = true;
      if (this.#process) this.#endProcess(this.#process);
      else this.#startIfStale();
    });
  }

  /** Starts no more. Resolves when the process is gone. */
  stop(): Promise<void> {
    this.#stopping ??= Promise.withResolvers<void>();
    this.#settle?.cancel();
    if (this.#process) this.#endProcess(this.#process);
    else this.#stopping.resolve();
    return this.#stopping.promise;
  }

  kill(): void {
    this.#process?.kill();
  }

  #startIfStale(): void {
    if (!this.#stale || this.#stopping) return;
    this.#stale = false;
    const process = this.#parts.spawn({
      ready: (facts) => {
        if (this.#process === process && !this.#stale) this.#parts.onReady(facts, process.pid);
      },
      ended: (end) => this.#ended(end),
    });
    this.#process = process;
  }

  #endProcess(process: InstanceProcess): void {
    // A second request would mean that it must hurry.
    if (this.#force) return;
    process.drain();
    this.#force = this.#parts.clock.after(this.#parts.stopTimeoutMs, () => process.kill());
  }

  #ended(end: InstanceEnd): void {
    this.#process = undefined;
    const wasAsked = this.#force !== undefined;
    this.#force?.cancel();
    this.#force = undefined;
    if (this.#stopping) this.#stopping.resolve();
    else if (this.#stale) this.#startIfStale();
    else if (!wasAsked) this.#parts.onEnded(end);
  }
}
