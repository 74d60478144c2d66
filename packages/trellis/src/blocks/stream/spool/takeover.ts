import { join } from "node:path";
import { streamOfEdgePart } from "../../../model/edge-event.ts";
import type { Log as Lines } from "../../../model/log.ts";
import type { SpoolFolder } from "../../../spool/spool-folder.ts";
import type { Log, MakeRecords } from "../port.ts";
import { doneSuffix, finishDone } from "./finish-spool.ts";
import type { SpoolFigures } from "./spool-figures.ts";
import { TakenSpool, type TakenSpoolOptions } from "./taken-spool.ts";

/** A stream that is open here, so that spools can be brought into it. */
export interface KnownStream {
  readonly stream: Log;
  readonly figures: SpoolFigures;
  /** Makes its records of those of the edge. Without it they stay for an instance that does. */
  make?: MakeRecords | undefined;
}

export interface TakeoverOptions extends Pick<TakenSpoolOptions, "table" | "clock" | "random"> {
  readonly folder: SpoolFolder;
  readonly log: Lines;
  /** By `SERVICE.NAME`. */
  readonly streams: ReadonlyMap<string, KnownStream>;
}

/** The spools of a process that has died, on their way into their streams. */
export class Takeover {
  /** By the names of their folders. */
  readonly spools = new Map<string, TakenSpool>();
  /** The parts of its folder that were done with the last time. */
  finished: readonly string[] = [];
  /** Those that have to be tried again. */
  stuck: readonly string[] = [];
  readonly #options: TakeoverOptions;
  #told = false;
  #stopped = false;

  constructor(options: TakeoverOptions) {
    this.#options = options;
  }

  get process(): string {
    return this.#options.folder.process;
  }

  /** Tries to bring everything into the streams that are open here. */
  async run(): Promise<void> {
    const finished: string[] = [];
    const stuck: string[] = [];
    for (const part of this.#options.folder.parts())
      (!this.#stopped && (await this.#tryFinish(part)) ? finished : stuck).push(part);
    this.finished = finished;
    this.stuck = stuck;
  }

  /** Nothing more after the batches that are on their way. */
  stop(): void {
    this.#stopped = true;
    for (const { forwarder } of this.spools.values()) forwarder.stop();
  }

  /** Gives the folder back, or removes it where nothing is left in it. */
  end(): void {
    this.#options.folder.end();
  }

  async #tryFinish(part: string): Promise<boolean> {
    try {
      return await this.#finish(part);
    } catch (error) {
      // It is tried again and again.
      if (!this.#told)
        this.#options.log.warn("the spool of a process that has ended cannot be forwarded", { part, error });
      this.#told = true;
      return false;
    }
  }

  async #finish(part: string): Promise<boolean> {
    const { folder, table } = this.#options;
    const isDone = part.endsWith(doneSuffix);
    const destination = this.#destinationOf(isDone ? part.slice(0, -doneSuffix.length) : part);
    // It stays for an instance that has the stream.
    if (!destination) return true;
    const { stream, known, make } = destination;
    const name = { spool: `${stream}/${folder.process}`, stream, instance: folder.process };
    const path = join(folder.path, part);
    if (isDone) {
      await finishDone(path, name.spool, table);
      return true;
    }
    const spool = this.spools.get(part) ?? new TakenSpool({ ...this.#options, ...known, make, name, folder: path });
    this.spools.set(part, spool);
    const done = await spool.run();
    if (done) this.spools.delete(part);
    return done;
  }

  /** The stream that is open here, and has the records of this part of the folder. */
  #destinationOf(part: string): Destination | undefined {
    const { streams } = this.#options;
    const own = streams.get(part);
    if (own) return { stream: part, known: own };
    const stream = streamOfEdgePart(part) ?? "";
    const known = streams.get(stream);
    return known?.make && { stream, known, make: known.make };
  }
}

interface Destination {
  /** `SERVICE.NAME` */
  readonly stream: string;
  readonly known: KnownStream;
  readonly make?: MakeRecords;
}
