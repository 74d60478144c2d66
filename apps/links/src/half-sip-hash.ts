/**
 * HalfSipHash-2-4 of one 32-bit word: a keyed pseudo-random function of 32 bits, for 64-bit keys. By J.-P. Aumasson and
 * D. J. Bernstein; the reference is `halfsiphash.c` in github.com/veorq/SipHash. `word`, the halves of the key and the
 * result hold 32 bits each, of which JavaScript shows the highest as the sign.
 */
export function halfSipHash(key0: number, key1: number, word: number): number {
  let v0 = key0;
  let v1 = key1;
  let v2 = 0x6c796765 ^ key0;
  let v3 = 0x74656462 ^ key1 ^ word;
  for (let round = 0; round < 8; round++) {
    if (round === 2) {
      v0 ^= word;
      v3 ^= lengthBlock;
    } else if (round === 4) {
      v0 ^= lengthBlock;
      v2 ^= 0xff;
    }
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return v1 ^ v3;
}

/** The last block of a message: its length in bytes, 4, in the highest byte. */
const lengthBlock = 4 << 24;
