import type { Clock } from "../../model/clock.ts";

const readsMax = 100;
const ageMsMax = 1;

/**
 * Remembers what time it is for a millisecond or a hundred reads: asking the machine costs half of a cache hit. Sets a
 * timer only when read, so that an idle cache wakes nobody.
 */
export class CoarseClock {
  readonly #clock: Clock;
  readonly #expire: () => void;
  #nowMs = 0;
  #readsLeft = 0;
  #isTimed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#expire = () => {
      this.#isTimed = false;
      this.#readsLeft = 0;
    };
  }

  /** Milliseconds since 1970, late by 1 ms at most unless the event loop is blocked. */
  now(): number {
    return --this.#readsLeft > 0 ? this.#nowMs : this.#readClock();
  }

  #readClock(): number {
    this.#nowMs = this.#clock.now();
    this.#readsLeft = readsMax;
    if (!this.#isTimed) {
      this.#isTimed = true;
      this.#clock.after(ageMsMax, this.#expire);
    }
    return this.#nowMs;
  }
}
