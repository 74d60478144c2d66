import { crc32 } from "node:zlib";
import { readRecords } from "./record-text.ts";
import type { Recorded } from "./recorded.ts";

/**
 * What one write appends: `CHECKSUM LENGTH\n`, each in eight hexadecimal digits, then that many bytes of records in UTF-8.
 * The checksum (CRC-32) is of these bytes, so that a block that was cut or damaged is never misread: it is there whole or
 * not at all, as its write was.
 */
const headBytes = 18;
const digits = 8;
const headForm = /^([0-9a-f]{8}) ([0-9a-f]{8})\n$/;

/** Most blocks fit: those of one turn of the event loop. Written out before the next one is made. */
const shared = Buffer.allocUnsafe(128 * 1024);

/** The block of a text of records. Good until the next one is made. */
export function blockOf(text: string): Buffer {
  // A UTF-16 unit takes three bytes of UTF-8 at most.
  const most = headBytes + text.length * 3;
  const block = most <= shared.length ? shared : Buffer.allocUnsafe(most);
  const end = headBytes + block.write(text, headBytes);
  const head = `${hexadecimal(crc32(block.subarray(headBytes, end)))} ${hexadecimal(end - headBytes)}\n`;
  block.write(head, "latin1");
  return block.subarray(0, end);
}

/** A block that was read: its records, and how many bytes it takes in its file. */
export interface ReadBlock {
  readonly records: readonly Recorded[];
  readonly bytes: number;
}

/**
 * The block at `at`. A number where more is needed: so many bytes from `at` on, at least. Undefined where no block stands
 * there.
 */
export function readBlock(bytes: Buffer, at: number): ReadBlock | number | undefined {
  const from = at + headBytes;
  if (from > bytes.length) return headBytes;
  const [, checksum, hexLength = ""] = headForm.exec(bytes.toString("latin1", at, from)) ?? [];
  if (checksum === undefined) return undefined;
  const length = Number.parseInt(hexLength, 16);
  if (from + length > bytes.length) return headBytes + length;
  const end = from + length;
  if (hexadecimal(crc32(bytes.subarray(from, end))) !== checksum) return undefined;
  const records = readRecords(bytes.toString("utf8", from, end));
  return records && { records, bytes: end - at };
}

function hexadecimal(number: number): string {
  return number.toString(16).padStart(digits, "0");
}
