import { halfSipHash } from "./half-sip-hash.ts";
import { readIp } from "./ip-address.ts";

/** What follows in a user agent is not read: longer ones are made to be long. */
export const userAgentCharactersMax = 400;

/** Of the salt: two words are the key, four more stand before what is hashed, so that 192 bits have to be guessed. */
const keyWords = 2;
const prefixWords = 4;

/** Filled by one call and read before the next. */
const address = new Uint32Array(4);
const hashed = new Uint32Array(2);

/** Makes one number of an address and a user agent: with the salt of a day, of which there is nothing else. */
export class VisitorHash {
  readonly #key0: number;
  readonly #key1: number;
  /** The salt's part, the user agent, the address: one word of IPv4 or four of IPv6. */
  readonly #words = new Int32Array(prefixWords + 1 + 4);

  /** `salt`: 32 bytes. Every process must have the same. */
  constructor(salt: Uint8Array) {
    const words = new Int32Array(Uint8Array.from(salt).buffer, 0, keyWords + prefixWords);
    const [key0 = 0, key1 = 0] = words;
    this.#key0 = key0;
    this.#key1 = key1;
    this.#words.set(words.subarray(keyWords));
  }

  /** A whole number below 2⁵³; undefined where `ip` is no address. */
  of(ip: string, userAgent: string): number | undefined {
    const version = readIp(ip, address);
    if (version === 0) return undefined;
    const words = this.#words;
    words[prefixWords] = fingerprint(userAgent);
    let count = prefixWords + 1;
    for (let at = version === 4 ? 3 : 0; at < 4; at++) words[count++] = address[at] ?? 0;
    halfSipHash(this.#key0, this.#key1, words, count, hashed);
    return (hashed[0] ?? 0) * 2 ** 21 + ((hashed[1] ?? 0) >>> 11);
  }
}

/**
 * 32 bits that differ for user agents that differ in two neighbouring letters, and nearly always otherwise. No key: it
 * is hashed with one, and has to tell apart only those who share an address.
 */
function fingerprint(userAgent: string): number {
  const length = Math.min(userAgent.length, userAgentCharactersMax);
  let state = length;
  for (let at = 0; at < length; at += 2) {
    // Beyond the end there is no code: NaN, which counts as 0 here.
    const word = userAgent.charCodeAt(at) | (userAgent.charCodeAt(at + 1) << 16);
    state = Math.imul(state ^ word, 0x9e3779b1);
    state ^= state >>> 15;
  }
  return state;
}
