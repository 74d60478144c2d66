/** Bytes of a representation, both ends included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** A part of a representation, as `Content-Range` says it. */
export interface ContentRange extends ByteRange {
  /** Bytes of the whole; undefined where the origin does not know (`*`). */
  readonly complete: number | undefined;
}

/** A range that a client asks for, before the length is known: `{ first }`, `{ first, last }`, or the last `suffix` bytes. */
export type AskedRange = { readonly first: number; readonly last?: number } | { readonly suffix: number };

/**
 * Reads `Range` (RFC 9110 §14.1.1). Undefined: it is ignored, as another unit, several ranges or anything malformed may
 * be (§14.2), and the whole is given.
 */
export function parseRange(value: string): AskedRange | undefined {
  const form = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(value);
  const [, first = "", last = ""] = form ?? [];
  if (first === "") return last === "" ? undefined : { suffix: Number(last) };
  if (last === "") return { first: Number(first) };
  return Number(last) < Number(first) ? undefined : { first: Number(first), last: Number(last) };
}

/** The bytes asked for of a representation of this length; undefined where it has none of them (416). */
export function resolveRange(asked: AskedRange, length: number): ByteRange | undefined {
  if ("suffix" in asked) {
    if (asked.suffix === 0 || length === 0) return undefined;
    return { first: Math.max(0, length - asked.suffix), last: length - 1 };
  }
  if (asked.first >= length) return undefined;
  return { first: asked.first, last: Math.min(asked.last ?? length - 1, length - 1) };
}

/** Reads `Content-Range` of a 206 (RFC 9110 §14.4); undefined where it makes no sense. */
export function parseContentRange(value: string): ContentRange | undefined {
  const form = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(value);
  if (!form) return undefined;
  const first = Number(form[1]);
  const last = Number(form[2]);
  const complete = form[3] === "*" ? undefined : Number(form[3]);
  if (last < first || (complete !== undefined && last >= complete)) return undefined;
  return { first, last, complete };
}

/**
 * The bytes asked for, where a part of a representation holds all of them. Without a known length of the whole only a
 * range with both ends can be answered.
 */
export function rangeWithin(asked: AskedRange, part: ContentRange): ByteRange | undefined {
  let range: ByteRange | undefined;
  if (part.complete !== undefined) range = resolveRange(asked, part.complete);
  else if ("first" in asked && asked.last !== undefined) range = { first: asked.first, last: asked.last };
  return range && range.first >= part.first && range.last <= part.last ? range : undefined;
}

export function formatContentRange({ first, last }: ByteRange, complete: number | undefined): string {
  return `bytes ${first}-${last}/${complete ?? "*"}`;
}
