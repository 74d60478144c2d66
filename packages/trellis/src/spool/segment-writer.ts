import { close, fdatasync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { promisify } from "node:util";
import type { Clock, Timer } from "../model/clock.ts";
import { TrellisError } from "../model/errors.ts";
import { blockOf } from "./block.ts";
import type { DiskShare } from "./disk-share.ts";
import { segmentBytesMax, writeAgainMs } from "./limits.ts";
import { newSegment, type Segment } from "./segment.ts";
import { syncNamesBehind } from "./sync-names.ts";

export interface SegmentWriterOptions {
  /** Of this spool alone. Throws where it cannot be made now. */
  readonly folder: () => string;
  readonly share: DiskShare;
  readonly clock: Clock;
  /** Told when records can no longer be written down, and when they can again. */
  readonly onTrouble: (because: string | undefined) => void;
}

const syncData = promisify(fdatasync);
const closeFile = promisify(close);

/** Appends text to a spool's files. Whatever the disk refuses, it counts and goes on. */
export class SegmentWriter {
  /** Oldest first. Whoever has brought one into the stream takes it off. */
  readonly segments: Segment[] = [];
  /** Records given so far, lost ones included. */
  position = 0;
  readonly #options: SegmentWriterOptions;
  #current: { readonly segment: Segment; readonly file: number } | undefined;
  #trouble: string | undefined;
  #pause: Timer | undefined;
  #unsynced = false;
  /** Where a file was begun. */
  #namesUnsynced: string | undefined;
  #syncs: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
  }

  /** Why records cannot be written down now. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Returns how many bytes were written down for the text of that many records: for all or none. Never throws. */
  append(text: string, records: number): number {
    const bytes = this.#closed || this.#pause ? 0 : this.#write(text);
    this.position += records;
    if (bytes > 0 && this.#current) {
      const { segment } = this.#current;
      segment.end = this.position;
      if (segment.bytes >= segmentBytesMax) this.rotate();
    }
    return bytes;
  }

  /** What comes next goes into a new file. */
  rotate(): void {
    if (!this.#current) return;
    const { segment, file } = this.#current;
    this.#current = undefined;
    segment.closed = true;
    // After what is on its way: a number that was closed may soon be another file's.
    this.#syncs = this.#syncs.then(async () => {
      if (this.#unsynced) await syncData(file).catch(() => undefined);
      await closeFile(file);
    });
  }

  /** Makes what was written so far survive a loss of power. */
  sync(): Promise<void> {
    const file = this.#current?.file;
    const folder = this.#namesUnsynced;
    this.#namesUnsynced = undefined;
    this.#syncs = this.#syncs.then(async () => {
      try {
        if (folder !== undefined) await syncNamesBehind(folder);
        if (!this.#unsynced || file === undefined || file !== this.#current?.file) return;
        this.#unsynced = false;
        await syncData(file);
      } catch (error) {
        // The kernel may have dropped what it could not write: nothing more is added to such a file.
        if (file === this.#current?.file) this.rotate();
        this.#fail(error);
      }
    });
    return this.#syncs;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pause?.cancel();
    await this.sync();
    this.rotate();
    await this.#syncs;
  }

  #write(text: string): number {
    const { share } = this.#options;
    const block = blockOf(text);
    const bytes = block.length;
    try {
      if (share.bytes + bytes > share.bytesMax) throw spoolFull();
      this.#current ??= this.#begin();
      const { segment, file } = this.#current;
      if (writeSync(file, block, 0, bytes, segment.bytes) < bytes) throw diskFull();
      segment.bytes += bytes;
      share.bytes += bytes;
    } catch (error) {
      this.#cutBack();
      this.#fail(error);
      return 0;
    }
    this.#unsynced = true;
    if (this.#trouble !== undefined) {
      this.#trouble = undefined;
      this.#options.onTrouble(undefined);
    }
    return bytes;
  }

  #begin() {
    const folder = this.#options.folder();
    const segment = newSegment(folder, this.position);
    const file = openSync(segment.path, "wx", 0o600);
    this.segments.push(segment);
    this.#namesUnsynced = folder;
    return { segment, file };
  }

  /** Half a record must not stand before later ones: the next one goes into a file of its own. */
  #cutBack(): void {
    if (!this.#current) return;
    const { segment, file } = this.#current;
    try {
      ftruncateSync(file, segment.bytes);
    } catch {
      // It is the last one of its file: readers see that it is cut.
    }
    this.rotate();
    if (segment.bytes > 0) return;
    this.segments.pop();
    rmSync(segment.path, { force: true });
  }

  #fail(error: unknown): void {
    this.#pause ??= this.#options.clock.after(writeAgainMs, () => {
      this.#pause = undefined;
    });
    const because = reason(error);
    if (this.#trouble === because) return;
    this.#trouble = because;
    this.#options.onTrouble(because);
  }
}

/** What the kernel says by writing only a part. */
function diskFull(): Error {
  return new TrellisError("disk-full", { says: theDiskIsFull });
}

function spoolFull(): Error {
  return new TrellisError("disk-full", { says: "the spool is as large as TRELLIS_SPOOL_MAX lets it be" });
}

const theDiskIsFull = "the disk is full";

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return theDiskIsFull;
  return message;
}
