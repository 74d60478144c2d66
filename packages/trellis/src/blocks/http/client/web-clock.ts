import type { Clock } from "../../../model/clock.ts";

/** The real clock, as browsers have it too. */
export const webClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer: unknown = setTimeout(run, delayMs);
    // Node.js would wait for it; in a browser it is a mere number.
    if (typeof timer === "object" && timer !== null && "unref" in timer) (timer as { unref(): void }).unref();
    return { cancel: () => clearTimeout(timer as number) };
  },
};
