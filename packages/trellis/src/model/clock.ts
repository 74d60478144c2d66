/** Time as a port: product code reads no clock of its own, so that tests decide what time it is. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  now(): number;
  /** Calls `run` once after `delayMs`. A pending timer keeps no process alive. */
  after(delayMs: number, run: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** Milliseconds since some moment, to the microsecond: only for measuring how long something takes. Never goes back. */
export type Stopwatch = () => number;

/** Chance as a port: at least 0, less than 1. */
export type Random = () => number;
