import { decayMs } from "./peak-ewma.ts";

/** What one answer weighs: after five failures in a row a third of the trust is left, after ten a tenth. */
const answerWeight = 0.2;

/** Never less, so that a member which answers again is found. */
const rateMin = 0.01;

/**
 * The share of the latest answers that were good. A member that fails at once would look like the quickest of all; its
 * load is divided by this. Failures are forgotten with time, so that it is tried again.
 */
export class SuccessRate {
  #failing = 0;
  #answeredAt = 0;

  /** `rateMin` to 1. */
  at(now: number): number {
    if (this.#failing === 0) return 1;
    return Math.max(rateMin, 1 - this.#failing * Math.exp(-Math.max(0, now - this.#answeredAt) / decayMs));
  }

  answered(failed: boolean, now: number): void {
    if (!failed && this.#failing === 0) return;
    const failing = 1 - this.at(now);
    this.#failing = failing + answerWeight * ((failed ? 1 : 0) - failing);
    // What is left of old failures is noise, and without it a good answer costs nothing here.
    if (this.#failing < 0.001) this.#failing = 0;
    this.#answeredAt = now;
  }
}
