import { firstLine } from "../../policies/http-cache/fields.ts";
import type { Keeping } from "../../policies/http-cache/storing.ts";
import { selectingKey } from "../../policies/http-cache/vary.ts";
import type { GatewayRequest, HeaderList } from "../exchange.ts";
import type { PlannedEvent } from "./events/planned-event.ts";
import { keptBody } from "./kept-body.ts";
import { asOneAnswer, joined, type Piece, partOf } from "./parts.ts";
import type { RouteCount } from "./route-counts.ts";
import { StoredAnswer } from "./stored-answer.ts";

/** An answer that has come whole, and may be kept. */
export interface Arrived {
  readonly key: string;
  readonly request: GatewayRequest;
  readonly route: RouteCount;
  readonly status: number;
  /** Those that are kept. */
  readonly headers: HeaderList;
  readonly keeping: Keeping;
  readonly event: PlannedEvent | undefined;
  readonly chunks: readonly Uint8Array[];
  /** What is kept already for such a request. */
  readonly stored: StoredAnswer | undefined;
}

/** What is kept of an answer that has come whole; undefined where it is not what it says it is. */
export function arrivedAnswer(arrived: Arrived): StoredAnswer | undefined {
  const { key, request, route, keeping, event, stored } = arrived;
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
    event,
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
