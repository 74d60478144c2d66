/** After so long a measurement weighs 1/e of what it did (Finagle's default). */
export const decayMs = 10_000;

/** What is measured is never nothing, for that means that nothing was measured; nor less, by a clock that was set back. */
const leastMs = 0.001;

/**
 * A moving average of round trips, in milliseconds, that follows bad news at once and good news slowly (Finagle,
 * `com.twitter.finagle.loadbalancer.PeakEwma`): a round trip above the average replaces it, one below is averaged in by
 * the time that has passed. While nothing is measured it fades, so that a member that was slow once is tried again.
 */
export class PeakEwma {
  #costMs = 0;
  #measuredAt = 0;

  /** 0 while there was no good answer. */
  at(now: number): number {
    return this.#costMs === 0 ? 0 : this.#costMs * Math.exp(-Math.max(0, now - this.#measuredAt) / decayMs);
  }

  measured(tookMs: number, now: number): void {
    const ms = tookMs > leastMs ? tookMs : leastMs;
    if (ms >= this.#costMs) this.#costMs = ms;
    else {
      const kept = Math.exp(-Math.max(0, now - this.#measuredAt) / decayMs);
      this.#costMs = this.#costMs * kept + ms * (1 - kept);
    }
    this.#measuredAt = now;
  }

  /** Failed after so long. That counts where it is bad news only: how quickly it fails says nothing of how quickly it answers. */
  failed(tookMs: number, now: number): void {
    if (this.#costMs === 0 || tookMs <= this.at(now)) return;
    this.#costMs = tookMs;
    this.#measuredAt = now;
  }
}
