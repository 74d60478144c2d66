import type { Clock } from "../../../model/clock.ts";
import { edgePartOf } from "../../../model/edge-event.ts";
import type { DiskShare } from "../../../spool/disk-share.ts";
import { lostRecord, recordText } from "../../../spool/record-text.ts";
import { SegmentWriter } from "../../../spool/segment-writer.ts";
import type { SpoolFolder } from "../../../spool/spool-folder.ts";

export interface EventFolderOptions {
  /** A folder that nobody has used before. Throws where it cannot be made now. */
  readonly begin: () => SpoolFolder;
  readonly share: DiskShare;
  readonly clock: Clock;
  /** Told when the events of a stream can no longer be written down. */
  readonly onTrouble: (stream: string, because: string) => void;
  /** By stream: how many were lost before it, of which nobody knows yet. */
  readonly lost: ReadonlyMap<string, number>;
}

/**
 * Where events are written down until the folder is let go of: to the instances it is then that of a process that has
 * died. Made on the disk with the first record.
 */
export class EventFolder {
  readonly #options: EventFolderOptions;
  readonly #writers = new Map<string, SegmentWriter>();
  #folder: SpoolFolder | undefined;
  /** A part may have been begun. */
  #namesUnsynced = false;

  constructor(options: EventFolderOptions) {
    this.#options = options;
    for (const stream of options.lost.keys()) this.#writerOf(stream);
  }

  /** Where it is on the disk; undefined where nothing was written. */
  get path(): string | undefined {
    for (const { segments } of this.#writers.values()) if (segments.length > 0) return this.#folder?.path;
    return undefined;
  }

  get bytes(): number {
    let bytes = 0;
    for (const { segments } of this.#writers.values()) for (const segment of segments) bytes += segment.bytes;
    return bytes;
  }

  /** Whether the text of that many records was written; else all of them are lost. Never throws. */
  append(stream: string, text: string, records: number): boolean {
    return this.#writerOf(stream).append(text, records) > 0;
  }

  /** Makes what was written survive a loss of power. */
  async sync(): Promise<void> {
    await Promise.all([this.#syncNames(), ...[...this.#writers.values()].map((writer) => writer.sync())]);
  }

  /** By stream: how many were lost at the end, of which nothing in the folder tells. */
  get lost(): ReadonlyMap<string, number> {
    const lost = new Map<string, number>();
    for (const [stream, writer] of this.#writers) if (lostAtEnd(writer) > 0) lost.set(stream, lostAtEnd(writer));
    return lost;
  }

  /** Writes that the last ones were lost, as far as that can be written. */
  tellLost(): void {
    for (const writer of this.#writers.values()) {
      if (lostAtEnd(writer) === 0) continue;
      // In the place of the last one, so that those before it are a gap.
      writer.position -= 1;
      writer.append(recordText(lostRecord), 1);
    }
  }

  /** Nothing is written here any more: it is let go of. */
  async close(): Promise<void> {
    try {
      await Promise.all([this.#syncNames(), ...[...this.#writers.values()].map((writer) => writer.close())]);
    } finally {
      this.#folder?.release();
    }
  }

  async #syncNames(): Promise<void> {
    if (!this.#namesUnsynced) return;
    this.#namesUnsynced = false;
    await this.#folder?.syncName();
  }

  #writerOf(stream: string): SegmentWriter {
    const known = this.#writers.get(stream);
    if (known) return known;
    const { share, clock, onTrouble, lost } = this.#options;
    const writer = new SegmentWriter({
      folder: () => {
        this.#namesUnsynced = true;
        return this.#begin().part(edgePartOf(stream));
      },
      share,
      clock,
      onTrouble: (because) => {
        if (because !== undefined) onTrouble(stream, because);
      },
    });
    // Its first file then begins behind them: what lies before a file has been lost.
    writer.position = lost.get(stream) ?? 0;
    this.#writers.set(stream, writer);
    return writer;
  }

  #begin(): SpoolFolder {
    this.#folder ??= this.#options.begin();
    return this.#folder;
  }
}

/** Of what lies behind the last file nobody knows who finds only the files. */
function lostAtEnd({ position, segments }: SegmentWriter): number {
  return position - (segments.at(-1)?.end ?? 0);
}
