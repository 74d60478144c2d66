import type { Clock, Timer } from "../model/clock.ts";

/** A clock that stands still until it is told to move. */
export interface TestClock extends Clock {
  /**
   * Moves on by `ms`, running the timers that fall due in their order, each at its own time, also those that are set
   * on the way. What a timer sets going is given the time to go on before the next one runs: `await` it.
   */
  advance(ms: number): Promise<void>;
  /** How many timers wait. */
  readonly pending: number;
}

interface Due extends Timer {
  readonly at: number;
  readonly run: () => void;
}

/** A virtual clock, at 2026-01-01T00:00Z unless told otherwise. Sixty hours pass as fast as sixty milliseconds. */
export function testClock(startMs = Date.UTC(2026, 0, 1)): TestClock {
  return new VirtualClock(startMs);
}

class VirtualClock implements TestClock {
  #now: number;
  /** In the order in which they were set, which decides between those due at the same moment. */
  readonly #timers = new Set<Due>();

  constructor(startMs: number) {
    this.#now = startMs;
  }

  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): Timer {
    const timer: Due = {
      at: this.#now + Math.max(0, delayMs),
      run,
      cancel: () => void this.#timers.delete(timer),
    };
    this.#timers.add(timer);
    return timer;
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (let next = this.#nextDue(end); next; next = this.#nextDue(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await settled();
    }
    this.#now = Math.max(this.#now, end);
    await settled();
  }

  #nextDue(end: number): Due | undefined {
    let first: Due | undefined;
    for (const timer of this.#timers) if (timer.at <= end && (!first || timer.at < first.at)) first = timer;
    return first;
  }
}

/** Resolves when everything that waited for nothing but promises has gone on. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
