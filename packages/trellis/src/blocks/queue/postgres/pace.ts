/** How far ahead jobs are claimed: what will be begun within so many milliseconds. */
const aheadMs = 20;
const measuredMs = 10;

/**
 * How many jobs to hold ready beyond those that run: what the last moments' pace will begin at once. Where jobs are long
 * that is none, so that no instance sits on jobs that another could begin; where they are short a claim brings many.
 */
export class Pace {
  readonly #max: number;
  #ended = 0;
  #since: number | undefined;
  #perMs = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** A job has ended. */
  note(): void {
    this.#ended += 1;
  }

  ahead(nowMs: number): number {
    this.#since ??= nowMs;
    const passed = nowMs - this.#since;
    if (passed >= measuredMs) {
      this.#perMs = this.#ended / passed;
      this.#ended = 0;
      this.#since = nowMs;
    }
    return Math.min(this.#max, Math.floor(this.#perMs * aheadMs));
  }
}
