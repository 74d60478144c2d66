/**
 * HalfSipHash-2-4 with 64 bits of result, of the first `count` words: a keyed pseudo-random function, fast where there
 * are few words. By J.-P. Aumasson and D. J. Bernstein; the reference is `halfsiphash.c` in github.com/veorq/SipHash.
 * The result is two words in `into`.
 */
export function halfSipHash(key0: number, key1: number, words: Int32Array, count: number, into: Uint32Array): void {
  let v0 = key0;
  let v1 = key1 ^ 0xee;
  let v2 = 0x6c796765 ^ key0;
  let v3 = 0x74656462 ^ key1;
  let first = 0;
  // After the words comes their length, then four rounds for each half of the result, two at a time.
  const afterLength = count + 1;
  for (let step = 0; step < afterLength + 4; step++) {
    const word = step < count ? (words[step] ?? 0) : step === count ? count << 26 : 0;
    if (step === afterLength) v2 ^= 0xee;
    else if (step === afterLength + 2) {
      first = v1 ^ v3;
      v1 ^= 0xdd;
    }
    v3 ^= word;
    for (let round = 0; round < 2; round++) {
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
    v0 ^= word;
  }
  into[0] = first;
  into[1] = v1 ^ v3;
}
