/** The values of a figure's labels, by name. Few different ones: each combination is kept for as long as the process. */
export type Labels = Readonly<Record<string, string>>;

/**
 * Figures about this instance, under the names that Prometheus reads: `trellis_PART_WHAT_UNIT`, counters ending in
 * `_total`, base units (seconds, bytes). Asking again with the same name and labels gives the same object; keep it
 * where it is counted, so that counting is one addition.
 */
export interface Metrics {
  /** False: nobody will read them. Whoever would have to measure first, such as the time, may leave it. */
  readonly on: boolean;
  counter(name: string, help: string, labels?: Labels): Counter;
  histogram(name: string, help: string, labels?: Labels, buckets?: readonly number[]): Histogram;
  /** `read` is called when somebody looks. One that fails leaves its figures out. */
  gauge(name: string, help: string, read: () => Readings | Promise<Readings>): void;
}

/** Only grows. */
export interface Counter {
  add(amount?: number): void;
}

/** How often a value fell into which bucket, with their sum and the largest one since somebody last looked. */
export interface Histogram {
  record(value: number): void;
}

/** Counts nothing. */
export const noMetrics: Metrics = {
  on: false,
  counter: () => ({ add: () => undefined }),
  histogram: () => ({ record: () => undefined }),
  gauge: () => undefined,
};

/** One value, or one for each combination of labels. */
export type Readings = number | readonly Reading[];

export interface Reading {
  readonly labels: Labels;
  readonly value: number;
}
