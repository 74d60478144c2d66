import type { RequestControl } from "./cache-control.ts";
import type { Keeping } from "./storing.ts";

/** What may be done with a kept answer for a request that it fits. */
export type Reuse =
  | "fresh"
  /** It is stale, and the client has said that it takes such. */
  | "stale"
  /** It is given, and a new one fetched meanwhile. */
  | "stale-while-revalidate"
  /** The origin is asked whether it still holds. */
  | "validate";

/** RFC 9111 §4: whether a kept answer is given. `asked` is undefined where the request says nothing of caches. */
export function decideReuse(keeping: Keeping, asked: RequestControl | undefined, now: number): Reuse {
  if (keeping.alwaysValidate) return "validate";
  if (asked && !isWanted(keeping, asked, now)) return "validate";
  const staleMs = now - keeping.freshUntilMs;
  if (staleMs < 0) return "fresh";
  if (keeping.neverStale) return "validate";
  if (asked?.maxStale !== undefined && staleMs <= asked.maxStale * 1_000) return "stale";
  // A client that limits what it takes waits for a new one.
  if (asked?.maxAge !== undefined || asked?.minFresh !== undefined) return "validate";
  return isWithin(staleMs, keeping.staleWhileRevalidateMs) ? "stale-while-revalidate" : "validate";
}

/** RFC 9111 §4.2.4 gives leave without a bound: a day, so that what nobody can renew does not live for ever. */
export const disconnectedStaleMsMax = 24 * 3_600_000;

/** Whether a stale answer is better than none. */
export function mayStandIn(
  keeping: Keeping,
  asked: RequestControl | undefined,
  /** The origin has answered with 500, 502, 503 or 504 (RFC 5861 §4); else it could not be reached. */
  answered: boolean,
  now: number,
): boolean {
  if (keeping.neverStale || asked?.noCache || asked?.noStore) return false;
  const staleMs = now - keeping.freshUntilMs;
  if (asked?.staleIfError !== undefined && staleMs <= asked.staleIfError * 1_000) return true;
  if (isWithin(staleMs, Math.max(keeping.staleIfErrorMs, keeping.staleWhileRevalidateMs))) return true;
  return !answered && staleMs <= disconnectedStaleMsMax;
}

/** RFC 5861 §4: the answers that count as the origin's failing. */
export function isFailingStatus(status: number): boolean {
  return status === 500 || status === 502 || status === 503 || status === 504;
}

/** RFC 9111 §5.2.1: what a client says that it does not want, although it is kept. */
function isWanted(keeping: Keeping, asked: RequestControl, now: number): boolean {
  if (asked.noCache || asked.noStore) return false;
  const ageMs = now - keeping.madeMs;
  if (asked.maxAge !== undefined && ageMs > asked.maxAge * 1_000 && !staleTaken(keeping, asked, now)) return false;
  return asked.minFresh === undefined || keeping.freshUntilMs - now >= asked.minFresh * 1_000;
}

function staleTaken(keeping: Keeping, asked: RequestControl, now: number): boolean {
  return asked.maxStale !== undefined && now - keeping.freshUntilMs <= asked.maxStale * 1_000;
}

/** What gives no time gives none, not even in the very moment in which it becomes stale. */
function isWithin(staleMs: number, windowMs: number): boolean {
  return windowMs > 0 && staleMs <= windowMs;
}
