import type { Clock, Random, Stopwatch } from "../model/clock.ts";

/** The machine's own time: the one place where product code reads it. */
export const systemClock: Clock = {
  now: Date.now,
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

export const systemStopwatch: Stopwatch = () => performance.now();

/** Good enough for jitter and ids of traces; secrets are made with node:crypto where they are needed. */
export const systemRandom: Random = Math.random;
