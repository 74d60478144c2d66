import { type Fields, firstLine } from "./fields.ts";

/**
 * Whether the answer to a POST is what a GET of the same address would be told (RFC 9110 §9.3.3): it names that address
 * in `Content-Location`. Only then may it be kept, and only if it says for how long.
 *
 * @param address - of the request, whole: `https://example.org/a`
 */
export function standsForGet(status: number, fields: Fields, address: string): boolean {
  const named = firstLine(fields, "content-location");
  if (status !== 200 || named === undefined || !URL.canParse(named, address)) return false;
  return new URL(named, address).href === new URL(address).href;
}
