import type { RateLimit, RateLimitDecision } from "./rate-limit.ts";

/**
 * A token bucket kept as one number: when it will be full again, in milliseconds (the "theoretical arrival time" of the
 * generic cell rate algorithm, ITU-T I.371, which is the same bucket seen from its other end). One that was full in the
 * past is full: nothing need be known of it. May lie so far ahead that the bucket owes tokens.
 */
export type FullAt = number;

/** Of a bucket that nothing was taken from. */
export const neverUsed: FullAt = Number.NEGATIVE_INFINITY;

/** How long a token takes to come back. */
export const tokenMs = ({ perSecond }: RateLimit): number => 1_000 / perSecond;

/** How long an empty bucket takes to fill. */
export const refillMs = (limit: RateLimit): number => limit.burst * tokenMs(limit);

/** How many tokens are in the bucket, parts of one included; less than 0 where it owes some. */
export function tokensIn(fullAt: FullAt, now: number, limit: RateLimit): number {
  return fullAt <= now ? limit.burst : limit.burst - (fullAt - now) / tokenMs(limit);
}

/** The bucket after so many tokens were taken out, or (less than 0) put back, whether or not they were in it. */
export function withoutTokens(fullAt: FullAt, tokens: number, now: number, limit: RateLimit): FullAt {
  return Math.max(fullAt, now) + tokens * tokenMs(limit);
}

/** What a bucket says to a request: the bucket before it, and whether a token was taken for it. */
export function describeBucket(fullAt: FullAt, allowed: boolean, now: number, limit: RateLimit): RateLimitDecision {
  const tokens = tokensIn(fullAt, now, limit);
  return {
    allowed,
    retryAfterMs: allowed ? 0 : Math.ceil((1 - tokens) * tokenMs(limit)),
    remaining: Math.max(0, Math.floor(tokens + tolerance)),
    resetMs: Math.max(0, Math.ceil(fullAt - now)),
  };
}

/** Whether a token is there. A millionth less than one counts as one: it is what times in milliseconds round to. */
export const hasToken = (fullAt: FullAt, now: number, limit: RateLimit): boolean =>
  tokensIn(fullAt, now, limit) >= 1 - tolerance;

const tolerance = 1e-6;
