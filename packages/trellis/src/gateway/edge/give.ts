import { hasAlready, rangeStillFits } from "../../policies/http-cache/conditional.ts";
import { without } from "../../policies/http-cache/fields.ts";
import {
  type ByteRange,
  formatContentRange,
  parseRange,
  rangeWithin,
  resolveRange,
} from "../../policies/http-cache/ranges.ts";
import { fieldsOf304 } from "../../policies/http-cache/stored-fields.ts";
import type { AnswerSink, GatewayRequest, HeaderList } from "../exchange.ts";
import type { Asked } from "./asked.ts";
import type { StoredAnswer } from "./stored-answer.ts";

/** How a stored answer is given: whole, in part, or as the word that the client has it already. */
export interface Giving {
  readonly stored: StoredAnswer;
  readonly request: GatewayRequest;
  readonly asked: Asked | undefined;
  readonly sink: Pick<AnswerSink, "whole">;
  readonly now: number;
  /** Where it was not simply found: what became of asking the origin, as `Cache-Status` says it. */
  readonly cacheStatus?: string;
}

/** Gives a stored answer. False where it holds only a part of a representation, and not the one asked for. */
export function give(giving: Giving): boolean {
  const { stored, request, asked, sink, now } = giving;
  const succeeded = stored.status >= 200 && stored.status < 300;
  if (asked && succeeded && hasAlready(asked, stored.validators, stored.keeping.madeMs, now)) {
    sink.whole(304, fieldsOf304(headersOf(giving)).concat(ownFields(giving)), "");
    return true;
  }
  if (stored.part) return givePart(giving);
  if (asked?.range !== undefined && stored.status === 200 && request.method === "GET" && giveRange(giving, asked.range))
    return true;
  sink.whole(stored.status, headersOf(giving), request.method === "HEAD" ? "" : stored.body);
  return true;
}

/** RFC 9110 §14.2: false where the range is ignored, and the whole given. */
function giveRange(giving: Giving, text: string): boolean {
  const { stored, sink } = giving;
  const range = parseRange(text);
  if (!range || !rangeCounts(giving)) return false;
  const length = stored.bodyBytes;
  const bytes = resolveRange(range, length);
  if (bytes) giveBytes(giving, bytes, bytes.first, length);
  else sink.whole(416, ["content-range", `bytes */${length}`, "content-length", "0", ...ownFields(giving)], "");
  return true;
}

function givePart(giving: Giving): boolean {
  const { stored, asked, request } = giving;
  const range = asked?.range === undefined ? undefined : parseRange(asked.range);
  if (!range || !stored.part || request.method !== "GET" || !rangeCounts(giving)) return false;
  const bytes = rangeWithin(range, stored.part);
  if (!bytes) return false;
  giveBytes(giving, bytes, bytes.first - stored.part.first, stored.part.complete);
  return true;
}

function rangeCounts({ asked, stored, now }: Giving): boolean {
  return asked?.ifRange === undefined || rangeStillFits(asked.ifRange, stored.validators, stored.keeping.madeMs, now);
}

const lengths: ReadonlySet<string> = new Set(["content-length", "content-range"]);

function giveBytes(giving: Giving, bytes: ByteRange, from: number, complete: number | undefined): void {
  const { stored, sink } = giving;
  const length = bytes.last - bytes.first + 1;
  const body = stored.body;
  const headers = without(headersOf(giving), lengths);
  headers.push("content-range", formatContentRange(bytes, complete), "content-length", String(length));
  sink.whole(
    206,
    headers,
    typeof body === "string" ? body.slice(from, from + length) : body.subarray(from, from + length),
  );
}

function headersOf(giving: Giving): HeaderList {
  const { stored, now, cacheStatus } = giving;
  return cacheStatus === undefined ? stored.flatAt(now) : [...stored.headers, ...ownFields(giving)];
}

function ownFields({ stored, now, cacheStatus }: Giving): string[] {
  const age = String(Math.floor(Math.max(0, now - stored.keeping.madeMs) / 1_000));
  return ["age", age, "cache-status", `trellis; ${cacheStatus ?? stored.hitStatusAt(now)}`];
}
