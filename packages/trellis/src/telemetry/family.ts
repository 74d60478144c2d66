import type { Labels } from "../model/metrics.ts";

/** All series of one name, as they are written out: the form that prom-client reads, and that travels as JSON. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram" | "summary";
  /** What becomes of two values with the same labels. */
  readonly aggregator: "sum";
  readonly values: readonly Sample[];
}

export interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** Where it is not the family's: `NAME_bucket`, `NAME_sum`, `NAME_count`. */
  readonly metricName?: string;
}

export function family(type: Family["type"], name: string, help: string, values: readonly Sample[]): Family {
  return { name, help, type, aggregator: "sum", values };
}

/** The same figures with more labels, without those that are no number. */
export function labelled(families: readonly Family[], labels: Labels): readonly Family[] {
  return families.map((one) => ({
    ...one,
    aggregator: "sum",
    values: one.values
      .filter(({ value }) => Number.isFinite(value))
      .map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } })),
  }));
}
