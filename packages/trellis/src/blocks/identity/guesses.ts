import { LRUCache } from "lru-cache";
import type { Clock } from "../../model/clock.ts";
import { guessersMax, guessesMax, guessesWindowMs } from "./limits.ts";

interface Window {
  count: number;
  readonly untilMs: number;
}

/** Slows down whoever tries keys: each address has a few wrong ones a minute. Keys cannot be guessed, so it is light. */
export class Guesses {
  readonly #clock: Clock;
  readonly #windows = new LRUCache<string, Window>({ max: guessersMax });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long the address must wait before it may try another key: 0 where it may try now. */
  waitMs(address: string): number {
    const window = this.#windows.get(address);
    return window && window.count >= guessesMax ? Math.max(0, window.untilMs - this.#clock.now()) : 0;
  }

  /** The address has sent a key that there is not. */
  wrong(address: string): void {
    const nowMs = this.#clock.now();
    const window = this.#windows.get(address);
    if (window && window.untilMs > nowMs) window.count += 1;
    else this.#windows.set(address, { count: 1, untilMs: nowMs + guessesWindowMs });
  }
}
