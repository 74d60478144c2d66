import type { RateLimit } from "./rate-limit.ts";

/**
 * How several processes share one limit: one of them, or their supervisor, keeps the bucket of each key and leases tokens
 * to those that need some. Nothing is ever let pass twice, but for what a process lets pass on trust before it has asked.
 */
export interface LeaseAsk {
  readonly key: string;
  /** Tokens of its lease that it has used since it last asked. */
  readonly used: number;
  /** Requests that it let pass on trust since it last asked. */
  readonly borrowed: number;
  /** Tokens of its lease that it still holds. */
  readonly held: number;
  /** Tokens of its lease that it has given up. */
  readonly returned: number;
  /** Tokens that it would like to have besides those it holds. */
  readonly wanted: number;
}

export interface LeaseGrant {
  readonly key: string;
  readonly tokens: number;
  /** Tokens that are left for all; less than 0 where more was borrowed than there was. */
  readonly left: number;
}

/** What is kept of one key by the one who leases. Plain data. */
export interface LeaseBucket {
  readonly tokens: number;
  /** When there were so many, in milliseconds. */
  readonly at: number;
  /** Tokens that are out: leased in this period, and in the one before. */
  readonly out: number;
  readonly outBefore: number;
  /** When the period began. */
  readonly periodAt: number;
}

/** The name under which all keys are leased together that found no place. No client's key: it is empty. */
export const crowdKey = "";

/** A process gives up what it holds of a lease so long after it was answered. */
export const leaseMs = 500;

/** What it has not told so long after that, it tells no more: it counts as lost. */
export const leaseToldMs = leaseMs / 2;

/** Longer than a lease and the way of an answer: what was leased two periods ago is out no more, whoever died with it. */
const periodMs = 2 * leaseMs;

/** The share of what is there that one grant may take, so that the next one to ask gets some too. */
const grantShare = 0.5;

/** All that is borrowed at once by all processes is at most this share of the burst, or one for each process. */
const borrowShare = 1 / 8;

/** How many requests of one key a process may let pass on trust until it is answered. */
export const borrowMax = ({ burst }: RateLimit, processes: number): number =>
  Math.max(1, Math.floor((burst * borrowShare) / processes));

/** How many requests more than one bucket would have allowed all processes may let pass, in any span of time. */
export const overshootMax = (limit: RateLimit, processes: number): number => processes * borrowMax(limit, processes);

export const fullLeaseBucket = (limit: RateLimit, now: number): LeaseBucket => ({
  tokens: limit.burst,
  at: now,
  out: 0,
  outBefore: 0,
  periodAt: now,
});

/**
 * Answers one ask. Tokens that are out count as if they were still in the bucket, which fills only up to what is missing
 * beside them: what is in it and what is out never exceed the burst together. What was borrowed is charged even if the
 * bucket then owes tokens; nothing is granted until they have come back. A process alone gets all that comes in, since each
 * grant takes half of what is there.
 */
export function grantLease(
  bucket: LeaseBucket,
  { key, used, borrowed, held, returned, wanted }: LeaseAsk,
  now: number,
  limit: RateLimit,
): { readonly bucket: LeaseBucket; readonly grant: LeaseGrant } {
  const filled = fill(bucket, now, limit);
  const told = used + held + returned;
  const ofBefore = Math.min(filled.outBefore, told);
  // What it still holds is leased anew; what it used is gone.
  const out = Math.max(0, filled.out - (told - ofBefore)) + held;
  const outBefore = filled.outBefore - ofBefore;
  const there = Math.min(filled.tokens + returned - borrowed, limit.burst - out - outBefore);
  const share = Math.max(1, Math.floor(there * grantShare));
  const tokens = there < 1 ? 0 : Math.max(0, Math.min(Math.ceil(wanted), share));
  return {
    bucket: { tokens: there - tokens, at: now, out: out + tokens, outBefore, periodAt: filled.periodAt },
    grant: { key, tokens, left: there - tokens },
  };
}

/** Whether the bucket says no more than a new one would. */
export function isFullBucket(bucket: LeaseBucket, now: number, limit: RateLimit): boolean {
  const { tokens, out, outBefore } = fill(bucket, now, limit);
  return tokens >= limit.burst && out + outBefore === 0;
}

/** The bucket as it has become by `now`. In time that goes back nothing comes in. */
function fill(bucket: LeaseBucket, now: number, { perSecond, burst }: RateLimit): LeaseBucket {
  let { tokens, out, outBefore } = bucket;
  let at = Math.min(bucket.at, now);
  let periodAt = Math.min(bucket.periodAt, now);
  for (let turn = 0; turn < 2 && now >= periodAt + periodMs; turn++) {
    periodAt += periodMs;
    tokens = Math.min(tokens + ((periodAt - at) * perSecond) / 1_000, burst - out - outBefore);
    at = periodAt;
    outBefore = out;
    out = 0;
  }
  if (now >= periodAt + periodMs) periodAt = now;
  tokens = Math.min(tokens + ((now - at) * perSecond) / 1_000, burst - out - outBefore);
  return { tokens, at: now, out, outBefore, periodAt };
}
