import type { Random } from "../model/clock.ts";

export interface Backoff {
  /** The longest that the first wait may be. */
  readonly baseMs: number;
  /** The longest that any wait may be. */
  readonly capMs: number;
}

/**
 * How long to wait before the next try, in milliseconds. `attempt` is 1 after the first failure. Doubles each time and
 * is spread evenly over the whole range ("full jitter", AWS Architecture Blog, Exponential Backoff And Jitter, 2015), so
 * that those who failed together do not come back together.
 */
export function backoffMs(attempt: number, random: Random, { baseMs, capMs }: Backoff): number {
  // Past 2^30 the cap has long been reached; more would overflow to infinity.
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(Math.max(attempt, 1) - 1, 30));
  return Math.ceil(random() * ceiling);
}
