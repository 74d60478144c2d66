import type { Clock } from "../../model/clock.ts";

/** What waits in the list. The links are the list's own. */
export interface Waiting {
  before: Waiting | undefined;
  after: Waiting | undefined;
  readonly deadlineMs: number;
  /** Its time is up. Told once for each look until it leaves. */
  late(): void;
}

/**
 * The requests that are under way. Deadlines are looked at from time to time: a timer for each request would cost more
 * than the rest of its bookkeeping, and those who wait longest are few.
 */
export class UnderWay {
  readonly #clock: Clock;
  readonly #lookEveryMs: number;
  #first: Waiting | undefined;
  #looking = false;
  #size = 0;

  constructor(clock: Clock, lookEveryMs: number) {
    this.#clock = clock;
    this.#lookEveryMs = lookEveryMs;
  }

  get size(): number {
    return this.#size;
  }

  add(waiting: Waiting): void {
    waiting.after = this.#first;
    if (this.#first) this.#first.before = waiting;
    this.#first = waiting;
    this.#size += 1;
    if (!this.#looking) this.#lookLater();
  }

  remove(waiting: Waiting): void {
    const { before, after } = waiting;
    if (before) before.after = after;
    else if (this.#first === waiting) this.#first = after;
    else return;
    if (after) after.before = before;
    waiting.before = undefined;
    waiting.after = undefined;
    this.#size -= 1;
  }

  #lookLater(): void {
    this.#looking = true;
    this.#clock.after(this.#lookEveryMs, () => this.#look());
  }

  #look(): void {
    const now = this.#clock.now();
    for (let waiting = this.#first; waiting; ) {
      // What is late leaves the list meanwhile.
      const { after } = waiting;
      if (waiting.deadlineMs <= now) waiting.late();
      waiting = after;
    }
    this.#looking = false;
    if (this.#first) this.#lookLater();
  }
}
