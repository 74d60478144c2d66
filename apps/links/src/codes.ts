import { hkdfSync } from "node:crypto";
import { fromBase62, toBase62 } from "./base62.ts";
import { halfSipHash } from "./half-sip-hash.ts";

/** How many characters a generated code has. */
export const codeLength = 7;

/** How many ids there are: each has one code of base 62. 3.5 million million. */
export const idsMax = 62 ** codeLength;

/**
 * Ten rounds, as NIST SP 800-38G gives to FF1 for domains of this size. Four would do by Luby and Rackoff, but only
 * until about 2^10 codes are known, since a half has 21 bits; each further round raises that, for some 30 ns.
 */
const rounds = 10;

const halfBits = 21;
const half = 2 ** halfBits;
const halfMask = half - 1;

/**
 * A keyed permutation of the ids: one code for each id and one id for each code, in an order that nobody can tell
 * without the key. A Feistel network over 42 bits; what falls outside of the codes is permuted again until it does not
 * (cycle walking), 1.25 times on average.
 */
export class Codes {
  readonly #key: Int32Array;

  /** `key` has 32 bytes that only this installation knows. Another key gives other codes. */
  constructor(key: Uint8Array) {
    if (key.length !== 32) throw new RangeError(`A key of codes has 32 bytes, not ${key.length}`);
    // Each round has 64 bits of its own.
    this.#key = new Int32Array(hkdfSync("sha256", key, "", "trellis links codes", rounds * 8));
  }

  /** The code of an id from 0 to `idsMax` - 1. */
  codeOf(id: number): string {
    if (!Number.isInteger(id) || id < 0 || id >= idsMax) throw new RangeError(`No code has the id ${id}`);
    let permuted = id;
    do permuted = this.#permute(permuted);
    while (permuted >= idsMax);
    return toBase62(permuted, codeLength);
  }

  /** The id of a code, or undefined where `code` is not 7 characters of base 62. */
  idOf(code: string): number | undefined {
    if (code.length !== codeLength) return undefined;
    let permuted = fromBase62(code);
    if (permuted === undefined) return undefined;
    do permuted = this.#unpermute(permuted);
    while (permuted >= idsMax);
    return permuted;
  }

  #permute(number: number): number {
    let left = Math.floor(number / half);
    let right = number % half;
    for (let round = 0; round < rounds; round++) {
      const mixed = left ^ this.#mix(round, right);
      left = right;
      right = mixed;
    }
    return left * half + right;
  }

  #unpermute(number: number): number {
    let left = Math.floor(number / half);
    let right = number % half;
    for (let round = rounds - 1; round >= 0; round--) {
      const mixed = right ^ this.#mix(round, left);
      right = left;
      left = mixed;
    }
    return left * half + right;
  }

  #mix(round: number, word: number): number {
    return halfSipHash(this.#key[2 * round] ?? 0, this.#key[2 * round + 1] ?? 0, word) & halfMask;
  }
}
