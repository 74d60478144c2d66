import { listMembers } from "./fields.ts";

/**
 * What an answer says of how it may be kept (RFC 9111 §5.2.2, RFC 5861, RFC 8246), from `Cache-Control` or from a
 * targeted field. Times are in seconds.
 */
export interface AnswerControl {
  readonly noStore: boolean;
  /** `true`: never used without asking. Names: those fields are not. */
  readonly noCache: boolean | readonly string[];
  /** `true`: not for a shared cache. Names: those fields are not. */
  readonly private: boolean | readonly string[];
  readonly public: boolean;
  readonly mustRevalidate: boolean;
  readonly proxyRevalidate: boolean;
  readonly mustUnderstand: boolean;
  readonly maxAge: number | undefined;
  readonly sMaxAge: number | undefined;
  readonly staleWhileRevalidate: number | undefined;
  readonly staleIfError: number | undefined;
}

/** What a client asks of caches (RFC 9111 §5.2.1). Times are in seconds. */
export interface RequestControl {
  readonly noStore: boolean;
  readonly noCache: boolean;
  readonly onlyIfCached: boolean;
  readonly maxAge: number | undefined;
  readonly minFresh: number | undefined;
  /** Infinity: of any age. */
  readonly maxStale: number | undefined;
  readonly staleIfError: number | undefined;
}

/** RFC 9111 §1.2.2: what is larger counts as this. */
const secondsMax = 2 ** 31;

/** Reads `Cache-Control` of an answer; all its lines as one list. */
export function parseAnswerControl(value: string | undefined): AnswerControl {
  const directives = parseDirectives(value);
  return answerControl(
    (name) => directives.has(name),
    (name) => directives.get(name),
    (name) => seconds(directives, name),
  );
}

/** The directives that an answer may have, however its field was written. */
export function answerControl(
  has: (name: string) => boolean,
  text: (name: string) => string | undefined,
  secondsOf: (name: string) => number | undefined,
): AnswerControl {
  return {
    noStore: has("no-store"),
    noCache: allOrNames(has, text, "no-cache"),
    private: allOrNames(has, text, "private"),
    public: has("public"),
    mustRevalidate: has("must-revalidate"),
    proxyRevalidate: has("proxy-revalidate"),
    mustUnderstand: has("must-understand"),
    maxAge: secondsOf("max-age"),
    sMaxAge: secondsOf("s-maxage"),
    staleWhileRevalidate: secondsOf("stale-while-revalidate"),
    staleIfError: secondsOf("stale-if-error"),
  };
}

/** Reads `Cache-Control` of a request, or `Pragma` where that is absent (RFC 9111 §5.4). */
export function parseRequestControl(value: string | undefined, pragma: string | undefined): RequestControl {
  const directives = parseDirectives(value ?? (pragma !== undefined && /\bno-cache\b/i.test(pragma) ? "no-cache" : ""));
  return {
    noStore: directives.has("no-store"),
    noCache: directives.has("no-cache"),
    onlyIfCached: directives.has("only-if-cached"),
    maxAge: seconds(directives, "max-age"),
    minFresh: seconds(directives, "min-fresh"),
    maxStale: directives.get("max-stale") === "" ? Number.POSITIVE_INFINITY : seconds(directives, "max-stale"),
    staleIfError: seconds(directives, "stale-if-error"),
  };
}

/** Whole seconds (RFC 9111 §1.2.2); undefined where they are not just digits. */
export function parseSeconds(value: string): number | undefined {
  return /^\d+$/.test(value) ? Math.min(Number(value), secondsMax) : undefined;
}

/** Names in lower case with their values, quotes taken off; `""` where there is none. Of a repeated one, the first. */
function parseDirectives(value: string | undefined): Map<string, string> {
  const directives = new Map<string, string>();
  if (!value) return directives;
  for (const member of listMembers(value)) {
    const equals = member.indexOf("=");
    const name = (equals === -1 ? member : member.slice(0, equals)).toLowerCase();
    if (!directives.has(name)) directives.set(name, equals === -1 ? "" : unquoted(member.slice(equals + 1)));
  }
  return directives;
}

function unquoted(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  return value.slice(1, -1).replace(/\\(.)/g, "$1");
}

/** RFC 9111 §4.2.1: what says how long, but cannot be read, says that it is stale. */
function seconds(directives: Map<string, string>, name: string): number | undefined {
  const value = directives.get(name);
  return value === undefined ? undefined : (parseSeconds(value) ?? 0);
}

function allOrNames(
  has: (name: string) => boolean,
  text: (name: string) => string | undefined,
  name: string,
): boolean | readonly string[] {
  if (!has(name)) return false;
  const names = listMembers((text(name) ?? "").toLowerCase());
  return names.length === 0 ? true : names;
}
