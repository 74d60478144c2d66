/** What to do after a failure: the same again after a pause, fewer events at once, or give the one event up. */
export type NextStep = "pause" | "fewer" | "set-aside";

/**
 * How many events a partition's handler is given next. A batch is tried again as it was, some times. Then it is divided:
 * halves that succeed grow again, halves that fail are halved, until a single event is left that fails as often.
 */
export class Attempts {
  readonly #batchMax: number;
  readonly #retries: number;
  #limit: number;
  #failures = 0;
  /** Where the batch ends that is being divided. */
  #until: bigint | undefined;

  constructor(batchMax: number, retries: number) {
    this.#batchMax = batchMax;
    this.#retries = retries;
    this.#limit = batchMax;
  }

  /** Events to be handled at once, at most. */
  get limit(): number {
    return this.#limit;
  }

  /** How often the same events have failed in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** All before `next` has been handled or set aside; `count` events in the last step. */
  succeeded(next: bigint, count: number): void {
    this.#failures = 0;
    const left = this.#until === undefined ? 0 : Number(this.#until - next);
    if (left > 0) {
      this.#limit = Math.min(left, count * 2);
      return;
    }
    this.#until = undefined;
    this.#limit = this.#batchMax;
  }

  /** `count` events from the offset `from` on have failed. */
  failed(from: bigint, count: number): NextStep {
    this.#failures += 1;
    this.#limit = count;
    const isDivided = this.#until !== undefined;
    if (this.#failures <= this.#retries && (!isDivided || count === 1)) return "pause";
    this.#failures = 0;
    if (count === 1) return "set-aside";
    this.#until ??= from + BigInt(count);
    this.#limit = count >> 1;
    return "fewer";
  }
}
