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

/** Chance as a port: at least 0, less than 1. */
export type Random = () => number;
