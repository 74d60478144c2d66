import { type Fields, firstLine } from "./fields.ts";

const safe: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/** Whether a request of this method leaves everything as it is (RFC 9110 §9.2.1). Of an unknown one that is not known. */
export function isSafe(method: string): boolean {
  return safe.has(method);
}

/**
 * The addresses of which nothing kept may be used any more after this answer to an unsafe request (RFC 9111 §4.4): its
 * own, and those that it names, if they are of the same origin. None where it failed.
 *
 * @param address - of the request, whole: `https://example.org/a`
 */
export function invalidatedBy(status: number, fields: Fields, address: string): readonly string[] {
  if (status < 200 || status >= 400) return [];
  const addresses = [address];
  for (const name of ["location", "content-location"]) {
    const named = firstLine(fields, name);
    if (named === undefined || !URL.canParse(named, address)) continue;
    const url = new URL(named, address);
    if (url.origin === new URL(address).origin) addresses.push(`${url.origin}${url.pathname}${url.search}`);
  }
  return addresses;
}
