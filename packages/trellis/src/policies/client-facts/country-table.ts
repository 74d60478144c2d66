import { readIp } from "./ip-address.ts";

/** Filled by one call and read before the next. */
const address = new Uint32Array(4);

/**
 * Which country an address belongs to: where each range begins, in ascending order, and the country from there on until
 * the next one. Four megabytes for all addresses there are, in one buffer that can be written to a file as it is.
 */
export class CountryTable {
  /** Two letters each; the first one is empty, for what belongs to nobody. */
  readonly #countries: readonly string[];
  readonly #v4Starts: Uint32Array;
  readonly #v4Countries: Uint8Array;
  readonly #v6Highs: Uint32Array;
  readonly #v6Lows: Uint32Array;
  readonly #v6Countries: Uint8Array;

  /** Reads what `compileCountries` wrote. Undefined where it is something else, or not all of it. */
  static read(bytes: Uint8Array<ArrayBuffer>): CountryTable | undefined {
    if (bytes.length < headBytes || bytes.byteOffset % 4 !== 0) return undefined;
    const [mark, countries = 0, v4 = 0, v6 = 0] = new Uint32Array(bytes.buffer, bytes.byteOffset, 4);
    if (mark !== tableMark || bytes.length !== tableBytes(countries, v4, v6)) return undefined;
    return new CountryTable(bytes, countries, v4, v6);
  }

  private constructor(bytes: Uint8Array<ArrayBuffer>, countries: number, v4: number, v6: number) {
    let at = bytes.byteOffset + headBytes;
    const words = (length: number): Uint32Array => {
      const part = new Uint32Array(bytes.buffer, at, length);
      at += 4 * length;
      return part;
    };
    const singles = (length: number): Uint8Array => {
      const part = new Uint8Array(bytes.buffer, at, length);
      at += length;
      return part;
    };
    this.#v4Starts = words(v4);
    this.#v6Highs = words(v6);
    this.#v6Lows = words(v6);
    this.#v4Countries = singles(v4);
    this.#v6Countries = singles(v6);
    const letters = String.fromCharCode(...singles(2 * countries));
    this.#countries = ["", ...Array.from({ length: countries }, (_, index) => letters.slice(2 * index, 2 * index + 2))];
  }

  /** ISO 3166-1, two letters; empty where nobody knows, and for addresses of private networks. */
  of(ip: string): string {
    const version = readIp(ip, address);
    if (version === 0) return "";
    const country =
      version === 4
        ? this.#v4Countries[this.#findV4(address[3] ?? 0)]
        : this.#v6Countries[this.#findV6(address[0] ?? 0, address[1] ?? 0)];
    return this.#countries[country ?? 0] ?? "";
  }

  /** The last range that begins at or before `value`; -1 where none does, and for private networks. */
  #findV4(value: number): number {
    if (isPrivate(value)) return -1;
    const starts = this.#v4Starts;
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= value) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #findV6(valueHigh: number, valueLow: number): number {
    const [highs, lows] = [this.#v6Highs, this.#v6Lows];
    let [low, high] = [0, highs.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const start = highs[middle] ?? 0;
      if (start < valueHigh || (start === valueHigh && (lows[middle] ?? 0) <= valueLow)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/**
 * Addresses that mean another network wherever they are used (RFC 1918, 1122, 3927 and 6598), of which the registries'
 * data nevertheless says now and then where they are.
 */
function isPrivate(v4: number): boolean {
  const [first, second] = [v4 >>> 24, (v4 >>> 16) & 0xff];
  if (first === 10 || first === 127) return true;
  if (first === 192) return second === 168;
  if (first === 172) return second >= 16 && second < 32;
  if (first === 100) return second >= 64 && second < 128;
  return first === 169 && second === 254;
}

/** `TLC1`: the first four bytes of a table. */
export const tableMark = 0x31434c54;

/** The mark, and how many countries, IPv4 and IPv6 ranges there are. */
export const headBytes = 16;

export function tableBytes(countries: number, v4: number, v6: number): number {
  return headBytes + 4 * (v4 + 2 * v6) + v4 + v6 + 2 * countries;
}
