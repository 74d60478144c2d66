import type { Recorded } from "./recorded.ts";

/** One record as it stands in a block: `KEYLENGTH TRACELENGTH BODYLENGTH KEYTRACEBODY\n`, lengths in UTF-16 units. */
export function recordText({ key, body, trace = "" }: Recorded): string {
  return `${key.length} ${trace.length} ${body.length} ${key}${trace}${body}\n`;
}

/** Stands for a record that could not be written down itself. No other has an empty body, which is no JSON. */
export const lostRecord: Recorded = { key: "", body: "" };

const zero = 48;
const nine = 57;
const space = 32;
const newline = 10;

/** The records of a text that `recordText` made piece by piece; undefined where it is no such text. */
export function readRecords(text: string): readonly Recorded[] | undefined {
  const reader = new RecordReader(text);
  const records: Recorded[] = [];
  while (reader.at < text.length) {
    const record = reader.next();
    if (!record) return undefined;
    records.push(record);
  }
  return records;
}

class RecordReader {
  /** Where the next record begins. */
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Recorded | undefined {
    const text = this.#text;
    const keyLength = this.#number();
    const traceLength = this.#number();
    const bodyLength = this.#number();
    const keyFrom = this.at;
    const traceFrom = keyFrom + keyLength;
    const bodyFrom = traceFrom + traceLength;
    const end = bodyFrom + bodyLength;
    // A number that is none makes all these comparisons false.
    if (!(end < text.length) || text.charCodeAt(end) !== newline) return undefined;
    this.at = end + 1;
    const key = text.slice(keyFrom, traceFrom);
    const body = text.slice(bodyFrom, end);
    return traceLength === 0 ? { key, body } : { key, body, trace: text.slice(traceFrom, bodyFrom) };
  }

  /** Of the digits from here to the next space, and goes behind it; NaN where something else stands here. */
  #number(): number {
    const text = this.#text;
    let value = Number.NaN;
    for (let at = this.at; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      if (unit === space) {
        this.at = at + 1;
        return value;
      }
      if (unit < zero || unit > nine) return Number.NaN;
      value = (value || 0) * 10 + unit - zero;
    }
    return Number.NaN;
  }
}
