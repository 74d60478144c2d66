import { type Fields, firstLine, wholeField, without } from "./fields.ts";
import { parseVary } from "./vary.ts";

/** RFC 9111 §3.1: about one connection, or one proxy, so never kept. */
const neverKept = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  // Said anew with each answer.
  "age",
  "cache-status",
];

const notKept: ReadonlySet<string> = new Set(neverKept);

/** RFC 9111 §3.2: they describe the bytes that are kept, and a 304 has none. */
const boundToBody = ["content-encoding", "content-length", "content-range"];

/** The fields of an answer that are kept, and `Date`, which a cache must add where it is absent (RFC 9110 §6.6.1). */
export function fieldsToKeep(fields: Fields, omitted: readonly string[], now: string): string[] {
  const kept = without(fields, omitted.length === 0 ? notKept : new Set([...neverKept, ...omitted]));
  if (firstLine(kept, "date") === undefined) kept.push("date", now);
  return kept;
}

/**
 * The fields of a kept answer after the origin has said that it still holds (RFC 9111 §3.2): those of the 304 replace
 * those of the same name, the others stay. Its `Age` is among them, for what it says of the time from now on.
 */
export function updatedFields(kept: Fields, update: Fields): string[] {
  const replaced = new Set<string>();
  for (let i = 0; i < update.length; i += 2) replaced.add(update[i] as string);
  for (const name of neverKept) if (name !== "age") replaced.delete(name);
  for (const name of boundToBody) replaced.delete(name);
  const fields = without(kept, replaced);
  for (let i = 0; i < update.length; i += 2)
    if (replaced.has(update[i] as string)) fields.push(update[i] as string, update[i + 1] as string);
  // What is kept is in its coding still, although the 304, which has none, may not say that it depends on it.
  if (replaced.has("vary") && variesByCoding(kept) && !variesByCoding(fields)) fields.push("vary", "accept-encoding");
  return fields;
}

function variesByCoding(fields: Fields): boolean {
  const vary = firstLine(fields, "content-encoding") === undefined ? undefined : wholeField(fields, "vary");
  return vary !== undefined && parseVary(vary).includes("accept-encoding");
}

/** RFC 9110 §15.4.5: what a 304 says besides its age: what a 200 would say to update what the client keeps. */
const of304: ReadonlySet<string> = new Set([
  "cache-control",
  "cdn-cache-control",
  "content-location",
  "date",
  "etag",
  "expires",
  "last-modified",
  "set-cookie",
  "vary",
]);

export function fieldsOf304(kept: Fields): string[] {
  const fields: string[] = [];
  for (let i = 0; i < kept.length; i += 2)
    if (of304.has(kept[i] as string)) fields.push(kept[i] as string, kept[i + 1] as string);
  return fields;
}
