import type { Clock, Timer } from "../../../model/clock.ts";

export interface PacedLookOptions {
  readonly clock: Clock;
  /** From the end of a look to the next one, at least: what comes meanwhile is seen in one. */
  readonly pauseMs: number;
  /** From a look that nobody asked for to the next. */
  readonly pollMs: number;
  /** Does not throw. */
  look(): Promise<void>;
}

/** Looks when it is asked to, and now and then: never two at once, and not more often than is worth it. */
export class PacedLook {
  readonly #options: PacedLookOptions;
  #looking: Promise<void> | undefined;
  #isAsked = false;
  #timer: Timer | undefined;
  #endedMs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: PacedLookOptions) {
    this.#options = options;
    this.#later(options.pollMs);
  }

  /** There may be something new. Returns at once. */
  ask(): void {
    if (this.#closed || this.#isAsked) return;
    this.#isAsked = true;
    if (this.#looking === undefined) this.#soon();
  }

  /** Resolves when a look that is under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#looking;
  }

  #soon(): void {
    const { clock, pauseMs } = this.#options;
    const waitMs = this.#endedMs + pauseMs - clock.now();
    // A clock that was set back must not keep it waiting.
    if (waitMs > 0 && waitMs <= pauseMs) this.#later(waitMs);
    else this.#look();
  }

  #later(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(ms, () => this.#look());
  }

  #look(): void {
    this.#timer?.cancel();
    this.#isAsked = false;
    this.#looking = this.#options.look().finally(() => {
      this.#looking = undefined;
      this.#endedMs = this.#options.clock.now();
      if (this.#closed) return;
      if (this.#isAsked) this.#soon();
      else this.#later(this.#options.pollMs);
    });
  }
}
