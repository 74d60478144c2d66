import { hash } from "node:crypto";

/** Up to this length a few multiplications a character are faster than the call into native code. */
const shortMax = 512;

/** An entity tag without its quotes: equal for equal texts, and practically never for others. */
export function etagOf(text: string): string {
  return text.length <= shortMax ? mixedHash(text) : hash("sha1", text, "base64url");
}

/**
 * Whether `if-none-match` names the tag or anything at all. Compared weakly (RFC 9110, section 8.8.3.2): compressing
 * makes a tag weak, and that is no change.
 */
export function matchesEtag(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch === "*" || ifNoneMatch.split(",").some((one) => one.trim().replace(/^W\//, "") === `"${etag}"`);
}

/** Two independent 32-bit hashes (FNV-1a's multiply and xor, other constants for the second), finished like MurmurHash3. */
function mixedHash(text: string): string {
  let one = 0x811c9dc5;
  let two = 0x9e3779b9 ^ text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, 0x01000193);
    two = Math.imul(two ^ code, 0x5bd1e995);
  }
  return `${(finished(one) >>> 0).toString(36)}-${(finished(two) >>> 0).toString(36)}-${text.length.toString(36)}`;
}

function finished(hash: number): number {
  let mixed = hash;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
