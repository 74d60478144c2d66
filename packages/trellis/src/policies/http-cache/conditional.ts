import { listMembers } from "./fields.ts";
import { parseHttpDate } from "./http-date.ts";

/** By what an answer is told from another of the same resource (RFC 9110 §8.8). */
export interface Validators {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** A client's preconditions that a cache may judge (RFC 9110 §13.1). */
export interface Preconditions {
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
}

/**
 * Whether the client has this answer already: it is then told 304 (RFC 9111 §4.3.2). `If-Modified-Since` counts only
 * where there is no `If-None-Match` (RFC 9110 §13.2.2).
 *
 * @param dateMs - of the answer, for one that does not say when it was last changed
 */
export function hasAlready(
  { ifNoneMatch, ifModifiedSince }: Preconditions,
  { etag, lastModified }: Validators,
  dateMs: number,
  now: number,
): boolean {
  if (ifNoneMatch !== undefined) return matchesAny(ifNoneMatch, etag);
  if (ifModifiedSince === undefined) return false;
  const since = parseHttpDate(ifModifiedSince, now);
  if (since === undefined) return false;
  const changedMs = lastModified === undefined ? undefined : parseHttpDate(lastModified, now);
  return (changedMs ?? dateMs) <= since;
}

/** RFC 9110 §8.8.3.2: weak comparison, for what may be the same in meaning only. */
export function weaklyEqual(a: string, b: string): boolean {
  return withoutWeakness(a) === withoutWeakness(b);
}

/** RFC 9110 §8.8.3.2: strong comparison, for what must be the same byte by byte. */
export function stronglyEqual(a: string, b: string): boolean {
  return a === b && isStrong(a);
}

export function isStrong(etag: string): boolean {
  return etag.startsWith('"');
}

/**
 * Whether a range of this answer continues what the client has of it (RFC 9110 §13.1.5). A date must be the same text;
 * it counts as strong where the answer was made at least a second later (§8.8.2.2).
 */
export function rangeStillFits(
  ifRange: string,
  { etag, lastModified }: Validators,
  dateMs: number,
  now: number,
): boolean {
  if (ifRange.startsWith('"') || ifRange.startsWith("W/")) return etag !== undefined && stronglyEqual(ifRange, etag);
  if (lastModified === undefined || ifRange !== lastModified) return false;
  const changedMs = parseHttpDate(lastModified, now);
  return changedMs !== undefined && dateMs - changedMs >= 1_000;
}

/**
 * Whether a 304 is about this stored answer (RFC 9111 §4.3.4): a strong validator that it carries must be the same, a
 * weak one equal; one without any is about what was asked for.
 */
export function is304About(answer: Validators, stored: Validators): boolean {
  if (answer.etag !== undefined)
    return isStrong(answer.etag)
      ? answer.etag === stored.etag
      : stored.etag !== undefined && weaklyEqual(answer.etag, stored.etag);
  return answer.lastModified === undefined || stored.lastModified === undefined
    ? true
    : answer.lastModified === stored.lastModified;
}

function matchesAny(ifNoneMatch: string, etag: string | undefined): boolean {
  if (ifNoneMatch === "*") return true;
  if (etag === undefined) return false;
  // Nearly always it is one, and the one.
  if (ifNoneMatch === etag) return true;
  for (const candidate of listMembers(ifNoneMatch)) if (weaklyEqual(candidate, etag)) return true;
  return false;
}

function withoutWeakness(etag: string): string {
  return etag.startsWith("W/") ? etag.slice(2) : etag;
}
