import { type FileHandle, open } from "node:fs/promises";
import { type ReadBlock, readBlock } from "../../../spool/block.ts";
import type { Segment } from "../../../spool/segment.ts";
import type { Recorded } from "../port.ts";
import { batchBytesMax, batchRecordsMax } from "./limits.ts";

export interface SegmentReaderOptions {
  /** Oldest first. Those that have been read to their end are taken off. */
  readonly segments: Segment[];
  readonly onRead: (segment: Segment) => Promise<void>;
  /** Told that the rest of a file is left out. Nothing may be added to it from then on. */
  readonly onDamage: (segment: Segment) => void;
}

/** Records that follow one another in one file. */
export interface SpoolBatch {
  readonly records: readonly Recorded[];
  /** The position behind the last of them. */
  readonly to: number;
  /** Where in the file to go on: the block that has the next record, and the position of its first one. */
  readonly offset: number;
  readonly position: number;
}

/** Reads a spool's files, also while they are written to. What is damaged in one is left out with the rest of it. */
export class SegmentReader {
  readonly #options: SegmentReaderOptions;
  /** Of the first segment: where its next block begins, and the position of that block's first record. */
  #offset = 0;
  #position = 0;
  /** What lies before it has been brought into the stream. */
  #from = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(options: SegmentReaderOptions) {
    this.#options = options;
    this.#position = options.segments[0]?.start ?? 0;
  }

  /** What comes next, until it is `taken`; undefined where there is nothing for now. */
  async read(recordsMax: number, bytesMax: number): Promise<SpoolBatch | undefined> {
    const { segments } = this.#options;
    for (;;) {
      const segment = segments[0];
      if (!segment) return undefined;
      // It began when there was none.
      if (this.#offset === 0) this.#position = segment.start;
      if (this.#offset < segment.bytes) {
        const batch = await this.#readFrom(segment, recordsMax, bytesMax);
        if (batch) return batch;
        continue;
      }
      if (!segment.closed) return undefined;
      segment.end = this.#position;
      segments.shift();
      this.#offset = 0;
      await this.#options.onRead(segment);
    }
  }

  taken({ to, position, offset }: SpoolBatch): void {
    this.#position = position;
    this.#offset = offset;
    this.#from = to;
  }

  /** Begins anew, leaving out what lies before `position`. */
  restart(position: number): void {
    this.#from = position;
    this.#offset = 0;
  }

  /** Undefined where nothing of it was new, or whole. */
  async #readFrom(segment: Segment, recordsMax: number, bytesMax: number): Promise<SpoolBatch | undefined> {
    const left = segment.bytes - this.#offset;
    for (let size = Math.min(bytesMax, left); ; ) {
      const bytes = await this.#readBytes(segment.path, size);
      const first = readBlock(bytes, 0);
      if (typeof first === "object") return this.#batchOf(bytes, first, recordsMax);
      if (first === undefined || first > left || bytes.length < size) {
        this.#leaveRestOf(segment);
        return undefined;
      }
      size = first;
    }
  }

  /** Of the first block and those that follow it. Undefined where nothing of them was new. */
  #batchOf(bytes: Buffer, first: ReadBlock, recordsMax: number): SpoolBatch | undefined {
    const records: Recorded[] = [];
    let position = this.#position;
    let at = 0;
    let block: ReadBlock = first;
    for (;;) {
      const skipped = Math.max(0, this.#from - position);
      const room = recordsMax - records.length;
      const taken = block.records.slice(skipped, skipped + room);
      for (const record of taken) if (record.body !== "") records.push(record);
      const to = position + skipped + taken.length;
      // The rest of a block that is too large for this batch is in the next one.
      if (skipped + taken.length < block.records.length) return { records, to, position, offset: this.#offset + at };
      position += block.records.length;
      at += block.bytes;
      const next = records.length < recordsMax ? readBlock(bytes, at) : undefined;
      if (typeof next !== "object") break;
      block = next;
    }
    const offset = this.#offset + at;
    if (position > this.#from) return { records, to: position, position, offset };
    this.#position = position;
    this.#offset = offset;
    return undefined;
  }

  /** From the present offset on, until it is called again. Fewer where the file is shorter, none where it cannot be read. */
  async #readBytes(path: string, size: number): Promise<Buffer> {
    // One for all batches: a new one for each would stay until the collector of old objects comes by.
    if (this.#bytes.length < size) this.#bytes = Buffer.allocUnsafeSlow(size);
    try {
      const filled = await readInto(this.#bytes.subarray(0, size), await open(path, "r"), this.#offset);
      return this.#bytes.subarray(0, filled);
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "EIO") return this.#bytes.subarray(0, 0);
      throw error;
    }
  }

  #leaveRestOf(segment: Segment): void {
    this.#options.onDamage(segment);
    this.#offset = segment.bytes;
    segment.end = this.#position;
  }
}

/** Reads the files of a dead process once through, so that it is known where each of them ends. */
export async function takeStock(segments: readonly Segment[]): Promise<void> {
  const reader = new SegmentReader({
    segments: [...segments],
    onRead: async () => undefined,
    onDamage: () => undefined,
  });
  for (;;) {
    const batch = await reader.read(batchRecordsMax, batchBytesMax);
    if (!batch) return;
    reader.taken(batch);
  }
}

/** Returns how many bytes there were, up to as many as fit; closes the file. */
async function readInto(bytes: Buffer, file: FileHandle, offset: number): Promise<number> {
  try {
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  } finally {
    await file.close();
  }
}
