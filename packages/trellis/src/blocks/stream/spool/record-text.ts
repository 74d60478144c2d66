import { crc32 } from "node:zlib";
import type { Recorded } from "../port.ts";

/**
 * One record as it stands in a spool: `CHECKSUM KEYLENGTH TRACELENGTH BODYLENGTH KEYTRACEBODY\n`. Lengths are in UTF-16
 * units; the checksum (CRC-32) is of what follows it in UTF-8, so that a record that was cut is never misread.
 */
export function recordText({ key, body, trace = "" }: Recorded): string {
  const checked = `${key.length} ${trace.length} ${body.length} ${key}${trace}${body}`;
  return `${crc32(checked)} ${checked}\n`;
}

/** Stands for a record that could not be written down itself. No other has an empty body, which is no JSON. */
export const lostRecord: Recorded = { key: "", body: "" };

const zero = 48;
const nine = 57;
const space = 32;
const newline = 10;

/** Takes record after record off a text, up to the first that is cut or damaged. */
export class RecordReader {
  /** Where the next record begins. */
  at = 0;
  readonly #text: string;
  #scan = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Undefined where no whole record follows. */
  next(): Recorded | undefined {
    const text = this.#text;
    this.#scan = this.at;
    const checksum = this.#number();
    const checkedFrom = this.#scan;
    const keyLength = this.#number();
    const traceLength = this.#number();
    const bodyLength = this.#number();
    const traceFrom = this.#scan + keyLength;
    const bodyFrom = traceFrom + traceLength;
    const end = bodyFrom + bodyLength;
    // A number that is none makes all these comparisons false.
    if (!(end < text.length) || text.charCodeAt(end) !== newline) return undefined;
    if (crc32(text.slice(checkedFrom, end)) !== checksum) return undefined;
    this.at = end + 1;
    const key = text.slice(this.#scan, traceFrom);
    const body = text.slice(bodyFrom, end);
    return traceLength === 0 ? { key, body } : { key, body, trace: text.slice(traceFrom, bodyFrom) };
  }

  /** Of the digits from here to the next space; NaN where something else stands here. */
  #number(): number {
    const text = this.#text;
    let value = Number.NaN;
    for (let at = this.#scan; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      if (unit === space) {
        this.#scan = at + 1;
        return value;
      }
      if (unit < zero || unit > nine) return Number.NaN;
      value = (value || 0) * 10 + unit - zero;
    }
    return Number.NaN;
  }
}
