import type { RateLimit, RateLimitDecision } from "./rate-limit.ts";
import { refillMs } from "./token-bucket.ts";

/**
 * The value of `RateLimit-Policy`: `"client";q=100;w=10`, a quota of `q` requests in `w` seconds, which is the burst and the
 * time in which it comes back (draft-ietf-httpapi-ratelimit-headers-10). `name` of letters, digits and hyphens.
 */
export const rateLimitPolicyHeader = (name: string, limit: RateLimit): string =>
  `"${name}";q=${Math.floor(limit.burst)};w=${Math.max(1, Math.ceil(refillMs(limit) / 1_000))}`;

/** The value of `RateLimit`: `"client";r=7;t=3`, `r` more are allowed now, in `t` seconds all of them again. */
export const rateLimitHeader = (name: string, { remaining, resetMs }: RateLimitDecision): string =>
  `"${name}";r=${remaining};t=${Math.ceil(resetMs / 1_000)}`;

/** The value of `Retry-After` in whole seconds, at least 1 (RFC 9110, section 10.2.3). */
export const retryAfterHeader = ({ retryAfterMs }: Pick<RateLimitDecision, "retryAfterMs">): string =>
  String(Math.max(1, Math.ceil(retryAfterMs / 1_000)));
