import { headBytes, tableBytes, tableMark } from "./country-table.ts";
import { type IpAddress, parseIp } from "./ip-address.ts";

/** The first 64 bits of an address as two numbers; of IPv4 its 32 bits are the second. */
interface Place {
  readonly high: number;
  readonly low: number;
}

/** Where the country changes. */
interface Change extends Place {
  /** Its number, 0 for none. */
  readonly country: number;
}

/** From its own place up to, not including, `end`. */
interface Range extends Change {
  readonly end: Place;
}

const nobody = 0;
const span = 2 ** 32;

/**
 * Makes a `CountryTable` of lines `FIRST,LAST,COUNTRY` in ascending order, one text for IPv4 and one for IPv6. Where
 * ranges lie in each other the inner one, which comes later, holds. IPv6 is kept to its first 64 bits: a network that
 * two countries share is that one's which begins it. Takes a second: not on a thread that answers requests.
 */
export function compileCountries(v4Csv: string, v6Csv: string): Uint8Array<ArrayBuffer> {
  const numbers = new Map<string, number>();
  const v4 = sweep(readRanges(v4Csv, 4, numbers), { high: 1, low: 0 });
  const v6 = sweep(readRanges(v6Csv, 6, numbers), { high: span, low: 0 });
  return write([...numbers.keys()], v4, v6);
}

function* readRanges(csv: string, version: IpAddress["version"], numbers: Map<string, number>): Generator<Range> {
  for (let from = 0; from < csv.length; ) {
    const newline = csv.indexOf("\n", from);
    const line = csv.slice(from, newline < 0 ? csv.length : newline);
    from += line.length + 1;
    const firstComma = line.indexOf(",");
    const lastComma = line.lastIndexOf(",");
    const [first, last] = [parseIp(line.slice(0, firstComma)), parseIp(line.slice(firstComma + 1, lastComma))];
    const name = line.slice(lastComma + 1);
    if (first?.version !== version || last?.version !== version || !/^[A-Z]{2}$/.test(name))
      throw new SyntaxError(`No range of addresses: ${line.slice(0, 100)}`);
    const start = first.whole ? first : next(first);
    const end = next(last);
    if (compare(start, end) >= 0) continue;
    const country = numbers.get(name) ?? numbers.size + 1;
    numbers.set(name, country);
    yield { high: start.high, low: start.low, end, country };
  }
}

function next({ high, low }: Place): Place {
  return low + 1 === span ? { high: high + 1, low: 0 } : { high, low: low + 1 };
}

function compare(one: Place, other: Place): number {
  return one.high - other.high || one.low - other.low;
}

/** `end`: the first place behind all addresses. */
function sweep(ranges: Iterable<Range>, end: Place): readonly Change[] {
  const changes: Change[] = [];
  const change = ({ high, low }: Place, country: number): void => {
    const before = changes.at(-1);
    if (before && compare(before, { high, low }) === 0) changes.pop();
    if ((changes.at(-1)?.country ?? nobody) !== country) changes.push({ high, low, country });
  };
  /** Those that the next one may lie in, the innermost last. */
  const open: Range[] = [];
  const closeUntil = (place: Place): void => {
    for (let last = open.at(-1); last && compare(last.end, place) <= 0; last = open.at(-1)) {
      const { end } = last;
      for (let outer = open.at(-1); outer && compare(outer.end, end) <= 0; outer = open.at(-1)) open.pop();
      change(end, open.at(-1)?.country ?? nobody);
    }
  };
  for (const range of ranges) {
    closeUntil(range);
    open.push(range);
    change(range, range.country);
  }
  closeUntil(end);
  return changes.filter((place) => compare(place, end) < 0);
}

function write(countries: readonly string[], v4: readonly Change[], v6: readonly Change[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(tableBytes(countries.length, v4.length, v6.length));
  new Uint32Array(bytes.buffer, 0, 4).set([tableMark, countries.length, v4.length, v6.length]);
  const starts = new Uint32Array(bytes.buffer, headBytes, v4.length + 2 * v6.length);
  for (const [place, { low }] of v4.entries()) starts[place] = low;
  for (const [place, { high, low }] of v6.entries()) {
    starts[v4.length + place] = high;
    starts[v4.length + v6.length + place] = low;
  }
  const places = headBytes + starts.byteLength;
  for (const [place, { country }] of v4.entries()) bytes[places + place] = country;
  for (const [place, { country }] of v6.entries()) bytes[places + v4.length + place] = country;
  bytes.set(new TextEncoder().encode(countries.join("")), places + v4.length + v6.length);
  return bytes;
}
