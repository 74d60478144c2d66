export interface TimeSeriesLine {
  readonly name: string;
  /** One a moment of `at`. */
  readonly values: readonly number[];
  /** How it is drawn: the first one is filled, the others differ by dashes too. */
  readonly tone: "main" | "second" | "third";
}

export interface TimeSeriesProps {
  /** What is shown, for who cannot see it. */
  readonly caption: string;
  /** When each step begins, in milliseconds since 1970. */
  readonly at: readonly number[];
  readonly lines: readonly TimeSeriesLine[];
  /** Days are those of UTC, hours the reader's. */
  readonly unit: "hour" | "day";
}
