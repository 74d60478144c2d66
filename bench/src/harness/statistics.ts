/** One side's runs of one measure, and what they come to. */
export interface Summary {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
  /** In the order in which they were taken. */
  readonly runs: readonly number[];
}

/** Which way a measure is better: more requests are, more milliseconds are not. */
export type Better = "higher" | "lower";

export function summarize(runs: readonly number[]): Summary {
  const kept = runs.map(fourDigits);
  return { median: fourDigits(median(kept)), minimum: Math.min(...kept), maximum: Math.max(...kept), runs: kept };
}

/** The middle one, or the mean of the two in the middle. Throws where there are none, or one is not a number. */
export function median(values: readonly number[]): number {
  if (values.length === 0 || values.some((value) => !Number.isFinite(value)))
    throw new RangeError(`No median of [${values.join(", ")}]: a run measured nothing.`);
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** How many times as good `subject` is as `peer`: larger is better, so where less is better it is turned over. */
export function ratio(subject: number, peer: number, better: Better): number {
  return fourDigits(better === "higher" ? subject / peer : peer / subject);
}

/** Four significant digits, and every digit of a whole number: more would claim a precision that no run has. */
export function fourDigits(value: number): number {
  return Number.isInteger(value) || Math.abs(value) >= 10_000 ? Math.round(value) : Number(value.toPrecision(4));
}
