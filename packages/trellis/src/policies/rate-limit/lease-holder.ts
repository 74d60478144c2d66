import { BucketTable } from "./bucket-table.ts";
import type { RateLimit, RateLimitDecision } from "./rate-limit.ts";
import { crowdLimitOf, type RateLimitTableParams, rateLimitTableDefaults } from "./rate-limit-table.ts";
import { describeBucket, type FullAt, hasToken, neverUsed, withoutTokens } from "./token-bucket.ts";
import { borrowMax, crowdKey, type LeaseAsk, type LeaseGrant, leaseMs, leaseToldMs } from "./token-lease.ts";

/** How often a process asks for what it needs, in milliseconds. The way there and back must take less than half a lease. */
export const leaseAskEveryMs = 50;

/** What a process knows of one key. */
interface Holding {
  readonly key: string;
  /** What it believes of the bucket that is kept for all: as it was told, less what it borrowed since. */
  believed: FullAt;
  /** Tokens of its lease. */
  tokens: number;
  /** Until when they are its own. */
  until: number;
  used: number;
  /** What passed on trust since it last asked, and what it has told of and not been answered. */
  borrowed: number;
  told: number;
  /** When it asked what was not answered yet. */
  askedAt: number;
  /** Requests since it last asked. */
  demand: number;
}

/**
 * One process's part of a limit that several share. Each request takes a token that was leased before; a key that has none
 * yet passes on trust while the process believes that there are some, a few times at most (`borrowMax`). The driver sends
 * `asks` to the keeper every `leaseAskEveryMs` and gives the answer to `accept`.
 */
export class LeaseHolder {
  readonly #limit: RateLimit;
  readonly #holdings: BucketTable<Holding>;
  readonly #crowd = makeHolding(crowdKey);
  readonly #crowdLimit: RateLimit;
  /** To be told of. */
  readonly #touched = new Set<Holding>();
  /** Those with tokens. */
  readonly #leased = new Set<Holding>();
  #processes: number;
  #isAlone = false;
  #crowded = 0;
  #refused = 0;

  constructor(
    limit: RateLimit,
    processes: number,
    { keysMax, crowdFactor }: RateLimitTableParams = rateLimitTableDefaults,
  ) {
    this.#limit = limit;
    this.#processes = processes;
    this.#crowdLimit = crowdLimitOf(limit, crowdFactor);
    this.#holdings = new BucketTable({
      keysMax,
      makeBucket: makeHolding,
      isForgettable,
    });
  }

  /** How many processes share the limit. */
  setProcesses(processes: number): void {
    this.#processes = processes;
  }

  /** Whether nobody answers: then it keeps to its own part of the limit, by itself, and has nothing to tell. */
  setAlone(isAlone: boolean): void {
    this.#isAlone = isAlone;
    if (!isAlone) return;
    for (const holding of [...this.#touched, ...this.#leased]) forgetDealings(holding);
    this.#touched.clear();
    this.#leased.clear();
  }

  /** Takes a token for a request of this key, if there is one. `now` in milliseconds. */
  take(key: string, now: number): RateLimitDecision {
    const holding = this.#holdingOf(key, now);
    const limit = this.#limitNow(holding);
    if (holding === this.#crowd) this.#crowded += 1;
    if (!this.#isAlone) {
      holding.demand += 1;
      this.#touched.add(holding);
    }
    const allowed = takeLeased(holding, now) || this.#takeOnTrust(holding, limit, now);
    if (!allowed) this.#refused += 1;
    return this.#describe(holding, allowed, limit, now);
  }

  /** What it needs and gives back, to be sent to the keeper. Empty where nothing was asked of it lately. */
  asks(now: number): readonly LeaseAsk[] {
    for (const holding of this.#leased) if (now >= holding.until) this.#touched.add(holding);
    const asks: LeaseAsk[] = [];
    for (const holding of this.#touched) {
      if (isWaiting(holding, now)) continue;
      this.#touched.delete(holding);
      asks.push(this.#askFor(holding, now));
    }
    return asks;
  }

  /** What the keeper answered. */
  accept(grants: readonly LeaseGrant[], now: number): void {
    for (const { key, tokens, left } of grants) {
      const holding = this.#holdingOf(key, now);
      const limit = this.#fullLimitOf(holding);
      holding.tokens = tokens + (now < holding.until ? holding.tokens : 0);
      holding.until = now + leaseMs;
      holding.told = 0;
      holding.askedAt = Number.NEGATIVE_INFINITY;
      if (holding.tokens > 0) this.#leased.add(holding);
      holding.believed = withoutTokens(neverUsed, limit.burst - left + holding.borrowed, now, limit);
    }
  }

  stats(): { readonly keys: number; readonly refused: number; readonly crowded: number } {
    return { keys: this.#holdings.size, refused: this.#refused, crowded: this.#crowded };
  }

  #holdingOf(key: string, now: number): Holding {
    const place = key === crowdKey ? undefined : this.#holdings.placeOf(key, now);
    return place === undefined ? this.#crowd : this.#holdings.get(place);
  }

  #askFor(holding: Holding, now: number): LeaseAsk {
    const isHeld = now < holding.until;
    const isTold = now < holding.until + leaseToldMs;
    const held = isHeld ? holding.tokens : 0;
    // One request in a while passes on trust; for more, twice as many tokens as it took: it may become more still.
    const wanted = holding.demand > 1 ? Math.max(0, 2 * holding.demand - held) : 0;
    const ask = {
      key: holding.key,
      used: isTold ? holding.used : 0,
      borrowed: Math.min(holding.borrowed, borrowMax(this.#fullLimitOf(holding), this.#processes)),
      held,
      returned: isTold && !isHeld ? holding.tokens : 0,
      wanted,
    };
    // What it says to hold is leased anew from here on.
    if (isHeld) holding.until = now + leaseMs;
    else {
      holding.tokens = 0;
      this.#leased.delete(holding);
    }
    holding.used = 0;
    holding.told = holding.borrowed;
    holding.borrowed = 0;
    holding.demand = 0;
    holding.askedAt = now;
    return ask;
  }

  #takeOnTrust(holding: Holding, limit: RateLimit, now: number): boolean {
    if (!hasToken(holding.believed, now, limit)) return false;
    if (!this.#isAlone) {
      if (holding.borrowed + holding.told >= borrowMax(limit, this.#processes)) return false;
      holding.borrowed += 1;
    }
    holding.believed = withoutTokens(holding.believed, 1, now, limit);
    return true;
  }

  #describe(holding: Holding, allowed: boolean, limit: RateLimit, now: number): RateLimitDecision {
    const believed = describeBucket(holding.believed, allowed, now, limit);
    const tokens = now < holding.until ? holding.tokens : 0;
    // Where there are tokens and it may have none of them yet, the next answer brings some.
    const retryAfterMs = allowed ? 0 : Math.max(believed.retryAfterMs, leaseAskEveryMs);
    const remaining = Math.min(believed.remaining + tokens, Math.floor(limit.burst));
    return { ...believed, retryAfterMs, remaining: allowed ? remaining : 0 };
  }

  #limitNow(holding: Holding): RateLimit {
    const limit = this.#fullLimitOf(holding);
    if (!this.#isAlone) return limit;
    return {
      perSecond: limit.perSecond / this.#processes,
      burst: Math.max(1, limit.burst / this.#processes),
    };
  }

  #fullLimitOf(holding: Holding): RateLimit {
    return holding === this.#crowd ? this.#crowdLimit : this.#limit;
  }
}

const noDealings = {
  tokens: 0,
  until: Number.NEGATIVE_INFINITY,
  used: 0,
  borrowed: 0,
  told: 0,
  askedAt: Number.NEGATIVE_INFINITY,
  demand: 0,
};

const makeHolding = (key: string): Holding => ({ key, believed: neverUsed, ...noDealings });

function forgetDealings(holding: Holding): void {
  Object.assign(holding, noDealings);
}

function takeLeased(holding: Holding, now: number): boolean {
  if (holding.tokens < 1 || now >= holding.until) return false;
  holding.tokens -= 1;
  holding.used += 1;
  return true;
}

/** One question at a time; one that was not answered within a lease is taken to be lost. */
const isWaiting = ({ askedAt }: Holding, now: number): boolean => now >= askedAt && now - askedAt < leaseMs;

/** As if it had never been asked for: believed full, nothing held and nothing to tell. */
function isForgettable(holding: Holding, now: number): boolean {
  const { believed, until, tokens, borrowed, demand } = holding;
  const isIdle = tokens === 0 && borrowed === 0 && demand === 0;
  return isIdle && believed <= now && until <= now && !isWaiting(holding, now);
}
