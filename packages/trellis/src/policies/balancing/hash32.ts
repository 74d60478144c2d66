/**
 * MurmurHash3's 32-bit mixing (Austin Appleby, public domain), fed with UTF-16 units instead of words of four bytes: the
 * same on every machine, spread evenly, and not for secrets. 0 to 2^32 - 1.
 */
export function hash32(text: string, seed = 0): number {
  let hash = seed | 0;
  for (let at = 0; at < text.length; at++) {
    let unit = Math.imul(text.charCodeAt(at), 0xcc9e2d51);
    unit = (unit << 15) | (unit >>> 17);
    hash ^= Math.imul(unit, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= text.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The same as a fraction: 0 to less than 1. */
export function hashFraction(text: string, seed = 0): number {
  return hash32(text, seed) / 0x1_0000_0000;
}
