import { DiskShare } from "../../../spool/disk-share.ts";
import { findSegments, type Segment } from "../../../spool/segment.ts";
import { finishSpool } from "./finish-spool.ts";
import { Forwarder, type ForwarderOptions } from "./forwarder.ts";
import { takeStock } from "./segment-reader.ts";

export interface TakenSpoolOptions
  extends Pick<ForwarderOptions, "name" | "stream" | "make" | "table" | "figures" | "clock" | "random" | "log"> {
  readonly folder: string;
}

/** What a process that has died had spooled for one stream. */
export class TakenSpool {
  readonly forwarder: Forwarder;
  readonly share = new DiskShare(Number.POSITIVE_INFINITY);
  readonly #options: TakenSpoolOptions;
  readonly #segments: Segment[];
  readonly #takenMs: number;
  /** Behind the last whole record. */
  #end = 0;
  #known = false;

  constructor(options: TakenSpoolOptions) {
    this.#options = options;
    this.#takenMs = options.clock.now();
    this.#segments = findSegments(options.folder);
    for (const { bytes } of this.#segments) this.share.bytes += bytes;
    this.forwarder = new Forwarder({
      ...options,
      segments: this.#segments,
      share: this.share,
      // A power loss may have taken what was reported already.
      position: () => Math.max(this.#end, this.forwarder.reported),
      onDamage: ({ path }) => options.log.warn("a spool's file is cut or damaged: its end is left out", { file: path }),
    });
  }

  /** How long its records have been waiting here, at least. */
  get oldestAgeMs(): number {
    return this.forwarder.waiting > 0 ? this.#options.clock.now() - this.#takenMs : 0;
  }

  /** Tries to bring all of it into the stream. False where that cannot be done now; throws where its row cannot be read. */
  async run(): Promise<boolean> {
    const { folder, name, table } = this.#options;
    if (!this.#known) {
      await takeStock(this.#segments);
      this.#end = this.#segments.at(-1)?.end ?? 0;
      await this.forwarder.resume();
      // Now it is known how much there is.
      await this.forwarder.report();
      this.#known = true;
    }
    if (!(await this.forwarder.run())) return false;
    await this.forwarder.report();
    await finishSpool(folder, name.spool, table);
    return true;
  }
}
