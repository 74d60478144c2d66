/** An address as numbers: 32 bits, or the first 64 of IPv6, which name a network; the rest names a device in it. */
export interface IpAddress {
  readonly version: 4 | 6;
  /** 0 for IPv4. */
  readonly high: number;
  readonly low: number;
  /** Whether all bits behind those are 0. */
  readonly whole: boolean;
}

/**
 * Reads an address into four words, of which IPv4 is the last. Returns its version, 0 where `text` is no address. An IPv4
 * address in IPv6's clothes (`::ffff:1.2.3.4`) is an IPv4 address.
 */
export function readIp(text: string, into: Uint32Array): IpAddress["version"] | 0 {
  if (text.includes(":")) return readV6(text, into);
  const value = dotted(text, 0, text.length);
  if (value < 0) return 0;
  into.fill(0, 0, 3);
  into[3] = value;
  return 4;
}

/** Filled by one call and read before the next. */
const words = new Uint32Array(4);

/** Undefined where `text` is no address. */
export function parseIp(text: string): IpAddress | undefined {
  const version = readIp(text, words);
  const [a = 0, b = 0, c = 0, d = 0] = words;
  if (version === 0) return undefined;
  return version === 4
    ? { version, high: 0, low: d, whole: true }
    : { version, high: a, low: b, whole: c === 0 && d === 0 };
}

/** Four numbers up to 255 with dots between them, as one of 32 bits; -1 where it is something else. */
function dotted(text: string, from: number, end: number): number {
  let value = 0;
  let part = -1;
  let dots = 0;
  for (let at = from; at < end; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit >= 0 && digit <= 9) part = part < 0 ? digit : part * 10 + digit;
    else if (digit === -2 && part >= 0 && dots < 3) {
      value = value * 256 + part;
      part = -1;
      dots++;
    } else return -1;
    if (part > 255) return -1;
  }
  return dots === 3 && part >= 0 ? value * 256 + part : -1;
}

/** Filled by one call and read before the next. */
const groups = new Uint16Array(8);

function readV6(text: string, into: Uint32Array): IpAddress["version"] | 0 {
  const zone = text.indexOf("%");
  if (!readGroups(text, zone < 0 ? text.length : zone)) return 0;
  for (let at = 0; at < 4; at++) into[at] = (groups[2 * at] ?? 0) * 65_536 + (groups[2 * at + 1] ?? 0);
  if (into[0] !== 0 || into[1] !== 0 || into[2] !== 0xffff) return 6;
  into[2] = 0;
  return 4;
}

/** RFC 4291, section 2.2: groups of up to four digits, `::` for as many zeros as are missing, IPv4 at the end. */
function readGroups(text: string, end: number): boolean {
  let count = 0;
  let gap = -1;
  let at = 0;
  if (text.startsWith("::")) {
    gap = 0;
    at = 2;
  }
  while (at < end) {
    let next = at;
    let value = 0;
    for (; next < end; next++) {
      const digit = hexDigit(text.charCodeAt(next));
      if (digit < 0) break;
      value = value * 16 + digit;
    }
    if (text.charCodeAt(next) === 0x2e && next < end) {
      const embedded = count <= 6 ? dotted(text, at, end) : -1;
      if (embedded < 0) return false;
      groups[count++] = embedded >>> 16;
      groups[count++] = embedded & 0xffff;
      at = end;
      break;
    }
    if (count === 8 || next === at || next - at > 4) return false;
    groups[count++] = value;
    at = next;
    if (at === end) break;
    // A colon, and something behind it: one more colon, once, or the next group.
    if (text.charCodeAt(at) !== 0x3a || at + 1 === end) return false;
    at += 1;
    if (text.charCodeAt(at) === 0x3a) {
      if (gap >= 0) return false;
      gap = count;
      at += 1;
    }
  }
  if (gap < 0) return count === 8;
  if (count === 8) return false;
  groups.copyWithin(8 - count + gap, gap, count);
  groups.fill(0, gap, 8 - count + gap);
  return true;
}

function hexDigit(character: number): number {
  if (character >= 0x30 && character <= 0x39) return character - 0x30;
  const letter = character | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
