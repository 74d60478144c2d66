import type { Counter, Histogram, Labels } from "../model/metrics.ts";

/** A counter's own number: counting is one addition, and whoever looks reads it. */
export class CounterFigure implements Counter {
  readonly labels: Labels;
  value = 0;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  add(amount = 1): void {
    // Neither less than nothing nor what is no number: the sum would be lost for good.
    if (amount > 0) this.value += amount;
  }
}

/** A histogram's own numbers. The bounds belong to their buckets, as Prometheus has it. */
export class HistogramFigure implements Histogram {
  readonly labels: Labels;
  readonly bounds: readonly number[];
  /** How many values fell into each bucket, and last those above all bounds. */
  readonly counts: Float64Array;
  sum = 0;
  #peak = 0;

  constructor(labels: Labels, bounds: readonly number[]) {
    this.labels = labels;
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  record(value: number): void {
    // A clock that was set back gives less than nothing.
    if (!(value >= 0)) return;
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
    counts[bucket] = (counts[bucket] as number) + 1;
    this.sum += value;
    if (value > this.#peak) this.#peak = value;
  }

  /** The largest value since this was last asked. */
  takePeak(): number {
    const peak = this.#peak;
    this.#peak = 0;
    return peak;
  }
}

/** From 100 µs to 13 s, each twice the one before: what a request, a statement or a job takes. */
export const secondsBuckets: readonly number[] = Array.from({ length: 18 }, (_, index) => (2 ** index * 100) / 1e6);
