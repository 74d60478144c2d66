import type { AnswerControl } from "./cache-control.ts";
import { parseSeconds } from "./cache-control.ts";
import { type Fields, firstLine, wholeField } from "./fields.ts";
import { parseHttpDate } from "./http-date.ts";
import { isHeuristicallyCacheable } from "./status.ts";

/** When an answer was asked for and came, in milliseconds since 1970. */
export interface ExchangeTimes {
  readonly requestedMs: number;
  readonly answeredMs: number;
}

/** RFC 9111 §4.2.2: a tenth of the time since it was last changed. */
const heuristicShare = 0.1;
/** Longer than this nobody expects what nobody has said. */
const heuristicMsMax = 24 * 3_600_000;

/** How long an answer is fresh from its making. */
export interface Lifetime {
  readonly ms: number;
  /** Somebody has said so, rather than that it was guessed. */
  readonly explicit: boolean;
}

/**
 * RFC 9111 §4.2.1, for a shared cache: `s-maxage`, `max-age`, `Expires`, and a guess in that order.
 *
 * @param expires - whether `Expires` counts: not where a targeted field decides (RFC 9213 §2.2)
 */
export function lifetimeOf(
  status: number,
  fields: Fields,
  control: AnswerControl,
  answeredMs: number,
  expires: boolean,
): Lifetime {
  const seconds = control.sMaxAge ?? control.maxAge;
  if (seconds !== undefined) return { ms: seconds * 1_000, explicit: true };
  const dateMs = dateOf(fields, answeredMs);
  const expiry = expires ? wholeField(fields, "expires") : undefined;
  // RFC 9111 §5.3: a date that cannot be read, above all 0, lies in the past.
  if (expiry !== undefined) return { ms: (parseHttpDate(expiry, answeredMs) ?? 0) - dateMs, explicit: true };
  return { ms: guess(status, fields, control, dateMs), explicit: false };
}

/**
 * When the answer was made, by our clock, in milliseconds since 1970: its age is what has passed since then. RFC 9111
 * §4.2.3, whose `corrected_initial_age` is `answeredMs` less this.
 */
export function madeMs(fields: Fields, { requestedMs, answeredMs }: ExchangeTimes): number {
  // Dates have whole seconds: what is left of one is no age.
  const apparentMs = Math.floor(Math.max(0, answeredMs - dateOf(fields, answeredMs)) / 1_000) * 1_000;
  const correctedMs = ageMs(fields) + (answeredMs - requestedMs);
  return answeredMs - Math.max(apparentMs, correctedMs);
}

function dateOf(fields: Fields, answeredMs: number): number {
  const date = firstLine(fields, "date");
  return (date === undefined ? undefined : parseHttpDate(date, answeredMs)) ?? answeredMs;
}

/** RFC 9111 §5.1: the first of several; nothing where it is not a number. */
function ageMs(fields: Fields): number {
  const age = wholeField(fields, "age");
  if (age === undefined) return 0;
  const comma = age.indexOf(",");
  return (parseSeconds((comma === -1 ? age : age.slice(0, comma)).trim()) ?? 0) * 1_000;
}

function guess(status: number, fields: Fields, control: AnswerControl, dateMs: number): number {
  if (!isHeuristicallyCacheable(status) && !control.public) return 0;
  const modified = firstLine(fields, "last-modified");
  const modifiedMs = modified === undefined ? undefined : parseHttpDate(modified, dateMs);
  if (modifiedMs === undefined) return 0;
  return Math.min(Math.max(0, (dateMs - modifiedMs) * heuristicShare), heuristicMsMax);
}
