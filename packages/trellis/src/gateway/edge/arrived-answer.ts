import { firstLine } from "../../policies/http-cache/fields.ts";
import { selectingKey } from "../../policies/http-cache/vary.ts";
import { keptBody } from "./kept-body.ts";
import type { Arrived } from "./landing.ts";
import { asOneAnswer, joined, type Piece, partOf } from "./parts.ts";
import type { RouteCount } from "./route-counts.ts";
import { StoredAnswer } from "./stored-answer.ts";

/** What is kept of an answer that has come whole; undefined where it is not what it says it is. */
export function arrivedAnswer(arrived: Arrived, route: RouteCount): StoredAnswer | undefined {
  const { key, request, keeping, stored } = arrived;
  const piece = pieceOf(arrived);
  // A part does not take the place of the whole.
  if (!piece || (piece.part && stored && !stored.part)) return undefined;
  const whole = (stored && joined(stored, piece)) ?? asOneAnswer(piece);
  const { status, part } = whole;
  const body = keptBody(whole.chunks, whole.bytes);
  const selecting = selectingKey(keeping.vary, request.headers);
  const headers = withLength(whole, body);
  return new StoredAnswer({
    key,
    selecting,
    service: request.facts.service,
    route,
    status,
    headers,
    body,
    part,
    keeping,
  });
}

function pieceOf({ status, headers, chunks }: Arrived): Piece | undefined {
  let bytes = 0;
  for (const chunk of chunks) bytes += chunk.length;
  const part = status === 206 ? partOf(headers) : undefined;
  // A part that is shorter or longer than it says was cut off, or was never that part.
  if (part && part.last - part.first + 1 !== bytes) return undefined;
  return { status, headers, chunks, bytes, part };
}

/** One that came without its length has one now. */
function withLength({ status, headers, bytes }: Piece, body: Uint8Array | string): readonly string[] {
  const hasNone = (status === 204 || status === 205) && body.length === 0;
  if (hasNone || firstLine(headers, "content-length") !== undefined) return headers;
  return [...headers, "content-length", String(bytes)];
}
