/** So many requests a second, and so many at once after a rest. */
export interface RateLimit {
  readonly perSecond: number;
  /** At least 1. */
  readonly burst: number;
}

export interface RateLimitDecision {
  readonly allowed: boolean;
  /** How long until one would be allowed; 0 where it was. */
  readonly retryAfterMs: number;
  /** How many more would be allowed now. */
  readonly remaining: number;
  /** How long until the whole burst is there again. */
  readonly resetMs: number;
}
