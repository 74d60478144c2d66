import { halfSipHash } from "./half-sip-hash.ts";
import { readIp } from "./ip-address.ts";

/** Of the salt: two words are the key, four more stand before what is hashed, so that 192 bits have to be guessed. */
const keyWords = 2;
const prefixWords = 4;

/** Filled by one call and read before the next. */
const address = new Uint32Array(4);
const hashed = new Uint32Array(2);

/** Makes one number of an address and a user agent's fingerprint: with a day's salt, which it alone knows. */
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
  of(ip: string, fingerprint: number): number | undefined {
    const version = readIp(ip, address);
    if (version === 0) return undefined;
    const words = this.#words;
    words[prefixWords] = fingerprint;
    let count = prefixWords + 1;
    for (let at = version === 4 ? 3 : 0; at < 4; at++) words[count++] = address[at] ?? 0;
    halfSipHash(this.#key0, this.#key1, words, count, hashed);
    return (hashed[0] ?? 0) * 2 ** 21 + ((hashed[1] ?? 0) >>> 11);
  }
}
