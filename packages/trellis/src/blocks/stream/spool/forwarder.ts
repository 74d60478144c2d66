import { rm } from "node:fs/promises";
import type { Clock, Random, Timer } from "../../../model/clock.ts";
import type { Log as Lines } from "../../../model/log.ts";
import { backoffMs } from "../../../policies/backoff.ts";
import type { DiskShare } from "../../../spool/disk-share.ts";
import type { Segment } from "../../../spool/segment.ts";
import type { Log, MadeRecords, MakeRecords } from "../port.ts";
import {
  batchBytesMax,
  batchRecordsMax,
  batchRecordsMin,
  forwardAgainMsMax,
  forwardAgainMsMin,
  unmadeLinesMax,
} from "./limits.ts";
import { SegmentReader, type SpoolBatch } from "./segment-reader.ts";
import type { SpoolFigures } from "./spool-figures.ts";
import type { SpoolName } from "./spool-name.ts";
import type { SpoolTable } from "./spool-table.ts";

export interface ForwarderOptions {
  readonly name: SpoolName;
  /** Where its records go. */
  readonly stream: Log;
  /** Makes the stream's records of those that are written down; without it they are that already. */
  readonly make?: MakeRecords | undefined;
  readonly table: SpoolTable;
  /** Oldest first. Those whose records are all in the stream are deleted and taken off. */
  readonly segments: Segment[];
  readonly share: DiskShare;
  readonly figures: SpoolFigures;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Lines;
  /** Records spooled so far, lost ones included. */
  readonly position: () => number;
  readonly onDamage: (segment: Segment) => void;
}

/** Brings the records of one spool into its stream, batch after batch, each exactly once. */
export class Forwarder {
  /** Up to which position they have been brought, or were lost, and how many of those are in the stream. */
  moved = 0;
  forwarded = 0;
  /** Why records cannot be brought into the stream now. */
  trouble: string | undefined;
  /** How many records its row said were spooled, when it was read. */
  reported = 0;
  readonly #options: ForwarderOptions;
  readonly #reader: SegmentReader;
  #known = false;
  #batchRecords = batchRecordsMax;
  #failures = 0;
  #running: Promise<boolean> | undefined;
  #again: Timer | undefined;
  /** It was to start while it ran: what that was for may have come too late for the present pass. */
  #wanted = false;
  #stopped = false;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    const { segments, onDamage } = options;
    this.#reader = new SegmentReader({ segments, onDamage, onRead: (segment) => this.#delete(segment) });
  }

  /** Whether the spool has its row, so that it must be ended there. */
  get known(): boolean {
    return this.#known;
  }

  /** Records that are written down and not yet in the stream. */
  get waiting(): number {
    let sum = 0;
    for (const { start, end } of this.#options.segments) sum += Math.max(0, end - Math.max(start, this.moved));
    return sum;
  }

  /** What was spooled and is neither in the stream nor on its way. */
  get unlogged(): number {
    return this.#options.position() - this.waiting - this.forwarded;
  }

  /** Brings what there is, and comes back to it where that fails. */
  start(): void {
    if (this.#running !== undefined) this.#wanted = true;
    else if (!this.#again && !this.#stopped) void this.#pass().then((all) => all || this.#startLater());
  }

  /** Brings all that there is. False where that cannot be done now, or it is stopped on the way. */
  async run(): Promise<boolean> {
    // One that is running may have looked for the last time already.
    await this.#running;
    return await (this.#running ?? this.#pass());
  }

  /** Writes the counts of this spool into its row, and resolves with the database's time as of which they hold. */
  async report(): Promise<string> {
    const { name, table, position } = this.#options;
    const asOf = await table.now();
    const { moved, forwarded, unlogged } = this;
    await table.report({ ...name, position: position(), unlogged, moved, forwarded }, asOf);
    this.#known = true;
    return asOf;
  }

  /** Goes on from where the spool's row stands; makes the row where there is none. */
  async resume(): Promise<void> {
    const { name, table } = this.#options;
    const row = await table.read(name.spool);
    if (!row) {
      await this.report();
      return;
    }
    this.#known = true;
    this.reported = row.position;
    this.moved = row.moved;
    this.forwarded = row.forwarded;
    this.#reader.restart(row.moved);
  }

  /** Nothing more after the batch that is on its way. */
  stop(): void {
    this.#stopped = true;
    this.#again?.cancel();
    this.#again = undefined;
  }

  #startLater(): void {
    if (this.#stopped) return;
    this.#again ??= this.#options.clock.after(this.#pauseMs(), () => {
      this.#again = undefined;
      this.start();
    });
  }

  #pass(): Promise<boolean> {
    this.#running = this.#forwardAll().finally(() => {
      this.#running = undefined;
      const wanted = this.#wanted;
      this.#wanted = false;
      if (!wanted) return;
      // Where it has failed, after the pause.
      if (this.#failures > 0) this.#startLater();
      else this.start();
    });
    return this.#running;
  }

  /**
   * Brings what there is when it begins. What comes meanwhile waits to become a large batch: under load each would else be
   * what had come during the one before, and cost as much as a hundred times more.
   */
  async #forwardAll(): Promise<boolean> {
    const { position } = this.#options;
    const until = position();
    try {
      while (this.moved < until || this.moved === position()) {
        if (this.#stopped) return false;
        const batch = await this.#reader.read(this.#batchRecords, batchBytesMax);
        if (!batch) break;
        await this.#bring(batch);
      }
    } catch (error) {
      this.#fail(error);
      return false;
    }
    this.#succeed();
    return true;
  }

  async #bring(batch: SpoolBatch): Promise<void> {
    const { name, stream, make, figures } = this.#options;
    if (!this.#known) {
      // What was read may have been brought already: it is read again.
      await this.resume();
      return;
    }
    const { to } = batch;
    const made = make && (await make(batch.records));
    const { records } = made ?? batch;
    const forwarded = this.forwarded + records.length;
    const move = { spool: name.spool, from: this.moved, to, unlogged: to - forwarded };
    if (await stream.appendSpooled(records, move)) {
      this.moved = to;
      this.forwarded = forwarded;
      this.#reader.taken(batch);
      figures.forwarded(records.length);
      if (made) this.#tellUnmade(made);
      this.#batchRecords = Math.min(batchRecordsMax, this.#batchRecords * 2);
      if (this.trouble !== undefined) this.#succeed();
    } else {
      // An answer that was lost on its way, or a database brought back from a copy.
      this.#known = false;
      await this.resume();
    }
  }

  #tellUnmade({ unmade }: MadeRecords): void {
    const { name, figures, log } = this.#options;
    let lines = 0;
    let untold = 0;
    for (const [because, events] of unmade) {
      figures.unlogged(events);
      if (++lines > unmadeLinesMax) untold += events;
      else log.warn("events of the edge cannot be made: they count as unlogged", { ...name, events, because });
    }
    if (untold > 0)
      log.warn("events of the edge cannot be made, for other reasons: they count as unlogged", {
        ...name,
        events: untold,
      });
  }

  async #delete({ path, bytes }: Segment): Promise<void> {
    // To give back megabytes takes the file system milliseconds.
    await rm(path, { force: true });
    this.#options.share.bytes -= bytes;
  }

  #succeed(): void {
    this.#failures = 0;
    if (this.trouble === undefined) return;
    this.trouble = undefined;
    this.#options.log.info("spooled records are brought into the stream again", this.#facts());
  }

  #fail(error: unknown): void {
    this.#failures += 1;
    this.#batchRecords = Math.max(batchRecordsMin, Math.floor(this.#batchRecords / 2));
    if (this.trouble === undefined)
      this.#options.log.warn("spooled records cannot be brought into the stream", { ...this.#facts(), error });
    this.trouble = error instanceof Error ? error.message : String(error);
  }

  #pauseMs(): number {
    return backoffMs(this.#failures, this.#options.random, { baseMs: forwardAgainMsMin, capMs: forwardAgainMsMax });
  }

  #facts() {
    const { stream, spool } = this.#options.name;
    return { stream, spool, waiting: this.waiting };
  }
}
