import { BucketTable } from "./bucket-table.ts";
import type { RateLimit, RateLimitDecision } from "./rate-limit.ts";
import { describeBucket, type FullAt, hasToken, neverUsed, refillMs, withoutTokens } from "./token-bucket.ts";

export interface RateLimitTableParams {
  /** So many keys have a bucket of their own at once. Each takes some 100 bytes, and its key. */
  readonly keysMax: number;
  /** How many times the limit of one key all those share that find no place. */
  readonly crowdFactor: number;
}

export const rateLimitTableDefaults: RateLimitTableParams = { keysMax: 100_000, crowdFactor: 10 };

/** What people are shown of a table. */
export interface RateLimitTableStats {
  readonly keys: number;
  readonly refused: number;
  /** Requests whose key found no place, since the start. More than 0: somebody tries very many keys, or `keysMax` is too low. */
  readonly crowded: number;
}

/**
 * A token bucket for each key, of one process, in bounded memory (`BucketTable`). Keys that find no place share one bucket
 * (the crowd), ten times as large, so that a flood of keys is limited too; `stats().crowded` shows it.
 */
export class RateLimitTable {
  readonly #limit: RateLimit;
  readonly #crowdLimit: RateLimit;
  readonly #buckets: BucketTable<FullAt>;
  #crowdFullAt = neverUsed;
  #crowded = 0;
  #refused = 0;

  constructor(limit: RateLimit, { keysMax, crowdFactor }: RateLimitTableParams = rateLimitTableDefaults) {
    this.#limit = limit;
    this.#crowdLimit = crowdLimitOf(limit, crowdFactor);
    this.#buckets = new BucketTable({
      keysMax,
      makeBucket: () => neverUsed,
      isForgettable: (fullAt, now) => fullAt <= now,
    });
  }

  /** Takes a token for a request of this key, if there is one. `now` in milliseconds. */
  take(key: string, now: number): RateLimitDecision {
    const place = this.#buckets.placeOf(key, now);
    const limit = place === undefined ? this.#crowdLimit : this.#limit;
    const before = notAhead(place === undefined ? this.#crowdFullAt : this.#buckets.get(place), now, limit);
    const allowed = hasToken(before, now, limit);
    const after = allowed ? withoutTokens(before, 1, now, limit) : before;
    if (place === undefined) this.#crowdFullAt = after;
    else this.#buckets.set(place, after);
    if (place === undefined) this.#crowded += 1;
    if (!allowed) this.#refused += 1;
    return describeBucket(after, allowed, now, limit);
  }

  stats(): RateLimitTableStats {
    return { keys: this.#buckets.size, refused: this.#refused, crowded: this.#crowded };
  }
}

export const crowdLimitOf = ({ perSecond, burst }: RateLimit, factor: number): RateLimit => ({
  perSecond: perSecond * factor,
  burst: burst * factor,
});

/** A clock that was set back would leave a bucket empty until the old time has come again. */
const notAhead = (fullAt: FullAt, now: number, limit: RateLimit): FullAt => Math.min(fullAt, now + refillMs(limit));
