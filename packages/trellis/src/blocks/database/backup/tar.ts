import { TrellisError } from "../../../model/errors.ts";

/** One file or folder of a tar archive. */
export interface TarEntry {
  readonly path: string;
  readonly kind: "file" | "folder";
  readonly size: number;
  /** To be read to its end before the next entry. */
  readonly body: AsyncIterable<Buffer>;
}

export const tarBlockBytes = 512;
/** An archive ends with two blocks of zeros. */
export const tarEnd: Buffer = Buffer.alloc(2 * tarBlockBytes);

/** The entries of an archive in the format "ustar" (POSIX.1-1988). Throws `broken-backup` where it is not whole. */
export async function* readTar(chunks: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const bytes = new Bytes(chunks);
  for (;;) {
    const header = await bytes.take(tarBlockBytes);
    if (header.every((byte) => byte === 0)) return bytes.drain();
    const entry = parseHeader(header);
    yield { ...entry, body: bytes.stream(entry.size) };
    await bytes.take(padding(entry.size));
  }
}

/** The header of a file that is appended to an archive. */
export function tarHeader(path: string, size: number): Buffer {
  const header = Buffer.alloc(tarBlockBytes);
  header.write(path, 0, 100, "utf8");
  header.write("0000600\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${size.toString(8).padStart(11, "0")} `, 124);
  header.write("00000000000 ", 136);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  header.write(`${checksum(header).toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

/** How many zeros follow so many bytes, so that the next header begins a block. */
export function padding(size: number): number {
  return (tarBlockBytes - (size % tarBlockBytes)) % tarBlockBytes;
}

function parseHeader(header: Buffer): Omit<TarEntry, "body"> {
  if (octal(header, 148, 8) !== checksum(header)) throw broken("a header's checksum does not match");
  const path = text(header, 0, 100).replace(/^\.\//, "").replace(/\/$/, "");
  const type = text(header, 156, 1);
  if (path.startsWith("/") || path.split("/").includes("..")) throw broken(`${path} lies outside of it`);
  if (type !== "" && type !== "0" && type !== "5") throw broken(`${path} is neither a file nor a folder`);
  return type === "5" ? { path, kind: "folder", size: 0 } : { path, kind: "file", size: octal(header, 124, 12) };
}

/** The sum of the header's bytes, those of the sum itself taken as spaces. */
function checksum(header: Buffer): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of header.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}

function text(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? length : end);
}

function octal(header: Buffer, start: number, length: number): number {
  // Numbers too large for octal digits are marked by the first bit, and follow as they are.
  if ((header[start] ?? 0) >= 0x80) return Number(header.readBigUInt64BE(start + length - 8));
  return Number.parseInt(text(header, start, length).trim() || "0", 8);
}

function broken(says: string): TrellisError {
  return new TrellisError("broken-backup", { says: `The backup is damaged: ${says}` });
}

/** Reads a sequence of chunks by the byte. */
class Bytes {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async take(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.stream(count)) parts.push(part);
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  }

  async *stream(count: number): AsyncGenerator<Buffer> {
    let left = count;
    while (left > 0) {
      if (this.#rest.length === 0) this.#rest = await this.#next();
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  /** To the end of the file, so that its own checksum is looked at. */
  async drain(): Promise<void> {
    while (!(await this.#chunks.next()).done);
  }

  async #next(): Promise<Buffer> {
    const { value, done } = await this.#chunks.next();
    if (done) throw broken("it ends too early");
    return value;
  }
}
