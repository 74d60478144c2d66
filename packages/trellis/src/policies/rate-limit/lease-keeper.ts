import { BucketTable } from "./bucket-table.ts";
import type { RateLimit } from "./rate-limit.ts";
import { crowdLimitOf, type RateLimitTableParams, rateLimitTableDefaults } from "./rate-limit-table.ts";
import {
  crowdKey,
  fullLeaseBucket,
  grantLease,
  isFullBucket,
  type LeaseAsk,
  type LeaseBucket,
  type LeaseGrant,
} from "./token-lease.ts";

/** Keeps the buckets of a limit that several processes share, in bounded memory as a `RateLimitTable` does. */
export class LeaseKeeper {
  readonly #limit: RateLimit;
  readonly #crowdLimit: RateLimit;
  readonly #buckets: BucketTable<LeaseBucket>;
  #crowd: LeaseBucket | undefined;
  #crowded = 0;

  constructor(limit: RateLimit, { keysMax, crowdFactor }: RateLimitTableParams = rateLimitTableDefaults) {
    this.#limit = limit;
    this.#crowdLimit = crowdLimitOf(limit, crowdFactor);
    this.#buckets = new BucketTable({
      keysMax,
      makeBucket: (_key, now) => fullLeaseBucket(limit, now),
      isForgettable: (bucket, now) => isFullBucket(bucket, now, limit),
    });
  }

  /** Answers what a process asks, in the same order. `now` in milliseconds. */
  answer(asks: readonly LeaseAsk[], now: number): readonly LeaseGrant[] {
    return asks.map((ask) => {
      const place = ask.key === crowdKey ? undefined : this.#buckets.placeOf(ask.key, now);
      if (place === undefined) return this.#answerCrowd(ask, now);
      const { bucket, grant } = grantLease(this.#buckets.get(place), ask, now, this.#limit);
      this.#buckets.set(place, bucket);
      return grant;
    });
  }

  stats(): { readonly keys: number; readonly crowded: number } {
    return { keys: this.#buckets.size, crowded: this.#crowded };
  }

  #answerCrowd(ask: LeaseAsk, now: number): LeaseGrant {
    this.#crowded += 1;
    const { bucket, grant } = grantLease(
      this.#crowd ?? fullLeaseBucket(this.#crowdLimit, now),
      ask,
      now,
      this.#crowdLimit,
    );
    this.#crowd = bucket;
    return grant;
  }
}
