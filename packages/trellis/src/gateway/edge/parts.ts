import { isStrong } from "../../policies/http-cache/conditional.ts";
import { firstLine, without } from "../../policies/http-cache/fields.ts";
import { type ContentRange, formatContentRange, parseContentRange } from "../../policies/http-cache/ranges.ts";
import type { HeaderList } from "../exchange.ts";
import { bytesOf, concat } from "./kept-body.ts";
import type { StoredAnswer } from "./stored-answer.ts";

/** Which part of a representation a 206 holds; undefined where it is not one part, or does not say. */
export function partOf(headers: HeaderList): ContentRange | undefined {
  const range = firstLine(headers, "content-range");
  return range === undefined ? undefined : parseContentRange(range);
}

/** A body, and which part of the representation it is; without `part` all of it. */
export interface Piece {
  readonly status: number;
  readonly headers: HeaderList;
  readonly chunks: readonly Uint8Array[];
  readonly bytes: number;
  readonly part: ContentRange | undefined;
}

/**
 * Joins a part to what is kept of the same representation, where they overlap or touch (RFC 9111 §3.4): only a strong
 * validator says that they are of the same. Undefined where they cannot be joined.
 */
export function joined(old: StoredAnswer, piece: Piece): Piece | undefined {
  const { part, headers } = piece;
  const etag = firstLine(headers, "etag");
  if (!old.part || !part || etag === undefined || !isStrong(etag) || etag !== old.validators.etag) return undefined;
  if (part.first > old.part.last + 1 || old.part.first > part.last + 1) return undefined;
  if (part.complete !== old.part.complete) return undefined;
  const [before, after] = old.part.first <= part.first ? [kept(old), piece] : [piece, kept(old)];
  if (!before.part || !after.part) return undefined;
  const overlap = before.part.last + 1 - after.part.first;
  const rest = overlap >= after.bytes ? [] : [concat(after.chunks).subarray(overlap)];
  const bytes = before.bytes + Math.max(0, after.bytes - overlap);
  const whole = { first: before.part.first, last: before.part.first + bytes - 1, complete: part.complete };
  return asOneAnswer({ ...piece, chunks: [...before.chunks, ...rest], bytes, part: whole });
}

/** A part that is all there is becomes the whole (RFC 9111 §3.4). */
export function asOneAnswer(piece: Piece): Piece {
  const { part, headers } = piece;
  if (!part) return piece;
  const rest = without(headers, describesPart);
  rest.push("content-length", String(piece.bytes));
  if (part.first === 0 && part.complete === piece.bytes)
    return { ...piece, status: 200, headers: rest, part: undefined };
  rest.push("content-range", formatContentRange(part, part.complete));
  return { ...piece, headers: rest };
}

/** Whether it is the beginning of something whose rest can be asked for. */
export function isBeginning({ part, validators }: StoredAnswer): boolean {
  return part?.first === 0 && part.complete !== undefined && validators.etag !== undefined && isStrong(validators.etag);
}

/** Whether a 206 is the rest of what is stored the beginning of (RFC 9111 §3.4). */
export function isRestOf(headers: HeaderList, { part, validators }: StoredAnswer): boolean {
  const rest = partOf(headers);
  if (!part || !rest || firstLine(headers, "etag") !== validators.etag) return false;
  return rest.first === part.last + 1 && rest.complete === part.complete && rest.last + 1 === part.complete;
}

/** The headers of the whole, from those of its rest. */
export function withoutPart(headers: HeaderList, { part }: StoredAnswer): HeaderList {
  return [...without(headers, describesPart), "content-length", String(part?.complete)];
}

const describesPart: ReadonlySet<string> = new Set(["content-range", "content-length"]);

function kept({ status, headers, body, part }: StoredAnswer): Piece {
  const bytes = bytesOf(body);
  return { status, headers, chunks: [bytes], bytes: bytes.length, part };
}
