import type { Serving } from "../../../model/block.ts";
import type { Clock, Random, Timer } from "../../../model/clock.ts";
import type { Departures } from "../../../model/departures.ts";
import type { Log as Lines } from "../../../model/log.ts";
import type { DiskShare } from "../../../spool/disk-share.ts";
import { lostRecord, recordText } from "../../../spool/record-text.ts";
import { SegmentWriter } from "../../../spool/segment-writer.ts";
import type { Log, MakeRecords, Recorded, SpoolWriter } from "../port.ts";
import { finishSpool } from "./finish-spool.ts";
import { Forwarder } from "./forwarder.ts";
import {
  batchRecordsMax,
  closeMsMax,
  forwardEveryMs,
  reportEveryMs,
  syncEveryMs,
  turnCharactersMax,
} from "./limits.ts";
import type { SpoolFigures } from "./spool-figures.ts";
import type { SpoolName } from "./spool-name.ts";
import type { SpoolTable } from "./spool-table.ts";
import { WaitingSince } from "./waiting-since.ts";

export interface StreamSpoolOptions {
  readonly name: SpoolName;
  /** Of this spool alone. Throws where it cannot be made now. */
  readonly folder: () => string;
  readonly stream: Log;
  readonly table: SpoolTable;
  readonly departures: Departures;
  readonly share: DiskShare;
  readonly figures: SpoolFigures;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Lines;
  /** Has what gateways have written down for the stream reported, where it has events of the edge. */
  readonly edgeReport: (stream: string) => Promise<void>;
  readonly takeEdgeRecords: (make: MakeRecords) => Serving;
  /** Makes the other instances report, and waits for them a little. */
  readonly othersReport: (stream: string, since: string) => Promise<void>;
}

/** What this process has spooled for one stream. */
export class StreamSpool implements SpoolWriter {
  readonly writer: SegmentWriter;
  readonly forwarder: Forwarder;
  readonly #options: StreamSpoolOptions;
  /** Of this turn. */
  #text = "";
  #records = 0;
  #tick: Timer | undefined;
  #reportDue: Timer | undefined;
  #reported = 0;
  readonly #since = new WaitingSince();

  constructor(options: StreamSpoolOptions) {
    this.#options = options;
    const { folder, share, clock } = options;
    this.writer = new SegmentWriter({ folder, share, clock, onTrouble: this.#tell });
    this.forwarder = new Forwarder({
      ...options,
      segments: this.writer.segments,
      position: () => this.writer.position,
      onDamage: (segment) => {
        this.writer.rotate();
        options.log.error("a spool's file is damaged: the rest of it is left out", { file: segment.path });
      },
    });
  }

  /** How long the oldest record has been waiting. */
  get oldestAgeMs(): number {
    if (this.forwarder.waiting === 0) return 0;
    this.#since.moved(this.forwarder.moved);
    return this.#since.ageMs(this.#options.clock.now());
  }

  write(record: Recorded): void {
    if (this.#records === 0) this.#options.departures.before(this.#flush);
    this.#records += 1;
    this.#text += recordText(record);
    if (this.#text.length > turnCharactersMax) this.#flush();
  }

  lose(): void {
    this.#options.figures.unlogged(1);
    this.write(lostRecord);
  }

  async report(): Promise<void> {
    const { name, edgeReport, othersReport } = this.#options;
    const seen = await this.reportOwn();
    // After our own: what is reported earlier would look as if nobody had reported it.
    await edgeReport(name.stream);
    await othersReport(name.stream, seen);
  }

  takeEdgeRecords(make: MakeRecords): Serving {
    return this.#options.takeEdgeRecords(make);
  }

  /** Resolves with the database's time as of which it holds. */
  async reportOwn(): Promise<string> {
    this.#flush();
    const { position } = this.writer;
    const seen = await this.forwarder.report();
    this.#reported = position;
    return seen;
  }

  /** Brings everything into the stream. False where that cannot be done now. */
  async forward(): Promise<boolean> {
    this.#flush();
    return await this.forwarder.run();
  }

  /** Whether nothing of it is left. What cannot be brought into the stream in time stays for another process. */
  async close(): Promise<boolean> {
    const { folder, name, table, clock } = this.#options;
    const late = clock.after(closeMsMax, () => this.forwarder.stop());
    const all = await this.forward();
    late.cancel();
    this.#tick?.cancel();
    this.#reportDue?.cancel();
    this.forwarder.stop();
    await this.writer.close();
    if (!all || this.forwarder.waiting > 0) return false;
    try {
      await this.forwarder.report();
      await finishSpool(folder(), name.spool, table);
      return true;
    } catch (error) {
      this.#options.log.warn("a spool could not be ended: another process will", { spool: name.spool, error });
      return false;
    }
  }

  /** All records of the turn in one write. Never throws. */
  readonly #flush = (): void => {
    const records = this.#records;
    if (records === 0) return;
    const text = this.#text;
    this.#records = 0;
    this.#text = "";
    const { figures, clock } = this.#options;
    const bytes = this.writer.append(text, records);
    if (bytes > 0) figures.written(records, bytes);
    else figures.unlogged(records);
    this.#tick ??= clock.after(Math.min(syncEveryMs, forwardEveryMs), this.#onTick);
    this.#reportDue ??= clock.after(reportEveryMs, this.#onReportDue);
    if (this.#backlog()) this.forwarder.start();
  };

  /** Enough waits for a batch of its own. */
  #backlog(): boolean {
    const oldest = this.writer.segments[0];
    return (
      oldest !== undefined && this.writer.position - Math.max(this.forwarder.moved, oldest.start) >= batchRecordsMax
    );
  }

  readonly #onTick = (): void => {
    this.#tick = undefined;
    this.#since.mark(this.writer.position, this.#options.clock.now());
    void this.writer.sync();
    this.forwarder.start();
  };

  /** Where forwarding has not said it meanwhile. */
  readonly #onReportDue = (): void => {
    this.#reportDue = undefined;
    const { position } = this.writer;
    if (position === Math.max(this.#reported, this.forwarder.moved)) return;
    // The database may be away: the next change tries again.
    this.reportOwn().catch(() => {
      this.#reportDue ??= this.#options.clock.after(reportEveryMs, this.#onReportDue);
    });
  };

  readonly #tell = (because: string | undefined): void => {
    const { log, name } = this.#options;
    const facts = { stream: name.stream, because };
    if (because === undefined) log.info("events are written down again", facts);
    else log.error("events cannot be written down: they are counted as unlogged", facts);
  };
}
