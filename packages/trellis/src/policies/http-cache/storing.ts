import { type AnswerControl, parseAnswerControl } from "./cache-control.ts";
import { type Fields, firstLine, wholeField } from "./fields.ts";
import { type ExchangeTimes, lifetimeOf, madeMs } from "./freshness.ts";
import { isHeuristicallyCacheable, isUnderstood } from "./status.ts";
import { parseTargetedControl } from "./targeted-control.ts";
import { parseVary } from "./vary.ts";

/** What a kept answer may be used for. Times in milliseconds, since 1970 where they are moments. */
export interface Keeping {
  /** Its age is what has passed since then. */
  readonly madeMs: number;
  readonly freshUntilMs: number;
  /** From then on: how long it may be given while a new one is fetched (RFC 5861 §3). */
  readonly staleWhileRevalidateMs: number;
  /** How long it may be given where the origin fails (RFC 5861 §4). */
  readonly staleIfErrorMs: number;
  /** It is never given without asking the origin first. */
  readonly alwaysValidate: boolean;
  /** Once stale it is never given, not even while the origin cannot be reached. */
  readonly neverStale: boolean;
  /** Fields that are not kept (RFC 9111 §5.2.2.4, §5.2.2.7). */
  readonly omitted: readonly string[];
  /** Names of the request's fields on which it depends. */
  readonly vary: readonly string[];
}

/** Why an answer is not kept. */
export interface NotKept {
  readonly because:
    | "status"
    | "no-store"
    | "private"
    | "authorization"
    | "vary"
    | "cookie"
    | "no-freshness"
    | "conditional";
}

/** What of the request decides whether its answer is kept. */
export interface AskedWith {
  readonly authorized: boolean;
  readonly noStore: boolean;
  /** It had a range or a precondition, which an answer of 412 or 416 is about. */
  readonly conditional: boolean;
  /** Only what says itself for how long is kept: nothing is guessed. */
  readonly explicitOnly?: boolean;
}

/**
 * Whether a shared cache may keep the answer to a GET (RFC 9111 §3), and what it may then do with it.
 *
 * RFC 9111 §7.3 lets an answer with `Set-Cookie` and nothing but `max-age` be kept. It is not: somebody may have thought
 * of browsers only, and one visitor's session would be handed to all. Where `public`, `s-maxage` or a targeted field
 * speaks to shared caches it is kept with its cookie; where `private` or `no-cache` names the field, without.
 */
export function decideStoring(
  asked: AskedWith,
  status: number,
  fields: Fields,
  times: ExchangeTimes,
): Keeping | NotKept {
  const targeted = parseTargetedControl(wholeField(fields, "cdn-cache-control"));
  const control = targeted ?? parseAnswerControl(wholeField(fields, "cache-control"));
  const forbidden = whatForbids(asked, status, control);
  if (forbidden) return { because: forbidden };
  const vary = parseVary(wholeField(fields, "vary"));
  if (vary === "*") return { because: "vary" };
  const lifetime = lifetimeOf(status, fields, control, times.answeredMs, targeted === undefined);
  if (!lifetime.explicit && asked.explicitOnly) return { because: "no-freshness" };
  if (!lifetime.explicit && !isHeuristicallyCacheable(status) && !control.public) return { because: "status" };
  const keeping = keepingOf(fields, control, vary, lifetime.ms, times);
  const isForAll = targeted !== undefined || control.public || control.sMaxAge !== undefined;
  if (!isForAll && setsCookie(fields, keeping)) return { because: "cookie" };
  return isOfUse(keeping, fields, times.answeredMs) ? keeping : { because: "no-freshness" };
}

export function isKept(decision: Keeping | NotKept): decision is Keeping {
  return !("because" in decision);
}

function whatForbids(asked: AskedWith, status: number, control: AnswerControl): NotKept["because"] | undefined {
  if (status < 200 || status === 304) return "status";
  if (control.mustUnderstand ? !isUnderstood(status) : control.noStore) return "no-store";
  if (asked.noStore) return "no-store";
  if (control.private === true) return "private";
  // RFC 9111 §3.5
  if (asked.authorized && !control.public && !control.mustRevalidate && control.sMaxAge === undefined)
    return "authorization";
  if (asked.conditional && (status === 412 || status === 416)) return "conditional";
  return undefined;
}

function keepingOf(
  fields: Fields,
  control: AnswerControl,
  vary: readonly string[],
  lifetimeMs: number,
  times: ExchangeTimes,
): Keeping {
  const made = madeMs(fields, times);
  const omitted = [control.noCache, control.private].flatMap((names) => (typeof names === "boolean" ? [] : names));
  return {
    madeMs: made,
    freshUntilMs: made + lifetimeMs,
    staleWhileRevalidateMs: (control.staleWhileRevalidate ?? 0) * 1_000,
    staleIfErrorMs: (control.staleIfError ?? 0) * 1_000,
    alwaysValidate: control.noCache === true,
    neverStale: isNeverStale(control),
    omitted,
    vary,
  };
}

/**
 * RFC 9111 §5.2.2.10 has `s-maxage` mean `proxy-revalidate` too; but who writes `stale-while-revalidate` or
 * `stale-if-error` (RFC 5861) beside it has said what else may be given, as many frameworks do.
 */
function isNeverStale(control: AnswerControl): boolean {
  if (control.mustRevalidate || control.proxyRevalidate || control.noCache === true) return true;
  const saysHowStale = control.staleWhileRevalidate !== undefined || control.staleIfError !== undefined;
  return control.sMaxAge !== undefined && !saysHowStale;
}

function setsCookie(fields: Fields, { omitted }: Keeping): boolean {
  return firstLine(fields, "set-cookie") !== undefined && !omitted.includes("set-cookie");
}

/** Without freshness, a validator or leave to be given stale, it would only take room. */
function isOfUse(keeping: Keeping, fields: Fields, now: number): boolean {
  if (firstLine(fields, "etag") !== undefined || firstLine(fields, "last-modified") !== undefined) return true;
  if (keeping.alwaysValidate) return false;
  const staleMs = Math.max(keeping.staleWhileRevalidateMs, keeping.staleIfErrorMs);
  return keeping.freshUntilMs + (keeping.neverStale ? 0 : staleMs) > now;
}
