import type { Clock, Timer } from "../../../model/clock.ts";

/** How long a caller waits: until its deadline, or until one of the given signals says to give up. */
export class Wait {
  readonly #clock: Clock;
  #deadlineMs: number;
  readonly #signals: readonly AbortSignal[];
  readonly #controller = new AbortController();
  #timer: Timer | undefined;
  #gaveUp = false;

  /** `deadlineMs`: milliseconds since 1970. */
  constructor(clock: Clock, deadlineMs: number, signals: readonly (AbortSignal | undefined)[]) {
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
    this.#signals = signals.filter((signal) => signal !== undefined);
    for (const signal of this.#signals) {
      if (signal.aborted) this.#giveUp(signal.reason);
      else signal.addEventListener("abort", this.#followSignal, { once: true });
    }
    if (this.leftMs() > 0) this.#timer = clock.after(this.leftMs(), () => this.#controller.abort());
  }

  /** Aborted when there is nobody left to answer. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  leftMs(): number {
    return this.#deadlineMs - this.#clock.now();
  }

  /** Whether the caller gave up, rather than time running out. */
  gaveUp(): boolean {
    return this.#gaveUp;
  }

  /** Rejects as soon as the wait is over, whether or not `work` listens to the signal. */
  for<T>(work: Promise<T>): Promise<T> {
    const { signal } = this;
    // Not `Promise.race`, which would hold on to every event of a stream for as long as the stream lasts.
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
      work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
      if (signal.aborted) stop();
    });
  }

  /** From now on only the signals end it: an answer has begun that may take as long as it likes. */
  forgetDeadline(): void {
    this.#timer?.cancel();
    this.#deadlineMs = Number.POSITIVE_INFINITY;
  }

  /** Lets go of timer and signals. */
  end(): void {
    this.#timer?.cancel();
    for (const signal of this.#signals) signal.removeEventListener("abort", this.#followSignal);
  }

  /** Ends it and tells the other side that nobody listens any more. */
  leave(): void {
    this.end();
    this.#controller.abort();
  }

  readonly #followSignal = (event: Event): void => {
    this.#giveUp((event.target as AbortSignal).reason);
  };

  #giveUp(reason: unknown): void {
    // A signal of the request that is being served fires at its deadline too: then time ran out.
    this.#gaveUp = this.leftMs() > 0;
    this.#controller.abort(reason);
  }
}
