import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Serving } from "../../../model/block.ts";
import type { Clock, Random, Timer } from "../../../model/clock.ts";
import type { Departures } from "../../../model/departures.ts";
import type { Log as Lines } from "../../../model/log.ts";
import type { Metrics } from "../../../model/metrics.ts";
import type { Wakes } from "../../../model/wakes.ts";
import { DiskShare } from "../../../spool/disk-share.ts";
import { SpoolFolder, spoolFolders } from "../../../spool/spool-folder.ts";
import type { Log, MakeRecords, SpoolEngine, SpoolOverview } from "../port.ts";
import { EdgeParts } from "./edge-parts.ts";
import { edgeLookEveryMs, lookEveryMs } from "./limits.ts";
import { Reports } from "./reports.ts";
import { SpoolFigures } from "./spool-figures.ts";
import { type SpoolDatabase, SpoolTable } from "./spool-table.ts";
import { StreamSpool } from "./stream-spool.ts";
import type { KnownStream } from "./takeover.ts";
import { Takeovers } from "./takeovers.ts";

export interface SpoolEngineOptions {
  /** The app's data folder: spools lie below it, in `spool/`. */
  readonly folder: string;
  /** The name of this instance: `web-1`. */
  readonly instance: string;
  /** How much of the disk this instance's spools may fill. */
  readonly bytesMax: number;
  readonly database: SpoolDatabase;
  readonly departures: Departures;
  readonly wakes: Wakes;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Lines;
  readonly metrics: Metrics;
}

/**
 * Spools in files of the app's data folder. What a process has written there before an answer left is brought into the
 * stream by itself, or after its death by any instance of the machine.
 */
export function openSpoolEngine(options: SpoolEngineOptions): SpoolEngine {
  return new FileSpoolEngine(options);
}

class FileSpoolEngine implements SpoolEngine {
  readonly #options: SpoolEngineOptions;
  readonly #parent: string;
  /** Never used twice. */
  readonly #process: string;
  readonly #table: SpoolTable;
  readonly #share: DiskShare;
  readonly #reports: Reports;
  readonly #edge: EdgeParts;
  readonly #spools = new Map<string, StreamSpool>();
  readonly #streams = new Map<string, KnownStream>();
  readonly #takeovers: Takeovers;
  #folder: SpoolFolder | undefined;
  #nextLook: Timer | undefined;
  #nextEdgeLook: Timer | undefined;
  #looking: Promise<void> | undefined;
  #registering: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(options: SpoolEngineOptions) {
    this.#options = options;
    this.#parent = join(options.folder, "spool");
    this.#process = `${options.instance}-${randomBytes(9).toString("hex")}`;
    this.#table = new SpoolTable(options.database);
    const place = { parent: this.#parent, process: this.#process, table: this.#table };
    this.#edge = new EdgeParts({ ...options, ...place });
    this.#takeovers = new Takeovers({ ...options, ...place, streams: this.#streams });
    this.#share = new DiskShare(options.bytesMax);
    this.#reports = new Reports(this.#table, options.wakes, options.clock, () => this.#report());
    this.#showFigures(options.metrics);
  }

  open(stream: { readonly service: string; readonly name: string }, log: Log): StreamSpool {
    const name = `${stream.service}.${stream.name}`;
    const known = this.#spools.get(name);
    if (known) return known;
    const figures = new SpoolFigures(this.#options.metrics, stream);
    const spool = new StreamSpool({
      ...this.#options,
      name: { spool: `${name}/${this.#process}`, stream: name, instance: this.#options.instance },
      folder: () => this.#begin().part(name),
      stream: log,
      table: this.#table,
      share: this.#share,
      figures,
      edgeReport: (of) => this.#reportEdge(of),
      takeEdgeRecords: (make) => this.#takeEdgeRecords(name, make),
      othersReport: (of, since) => this.#reports.ofOthers(of, since),
    });
    this.#spools.set(name, spool);
    this.#streams.set(name, { stream: log, figures });
    this.#register(name, spool);
    this.#nextLook ??= this.#options.clock.after(0, this.#onLook);
    return spool;
  }

  async forward(): Promise<void> {
    // A look that is on its way may just be taking over what another process has left.
    await Promise.all([this.#look(), ...[...this.#spools.values()].map((spool) => spool.forward())]);
  }

  overview(): SpoolOverview {
    const own = [...this.#spools.values()];
    const taken = this.#takeovers.spools;
    const forwarders = [...own, ...taken].map(({ forwarder }) => forwarder);
    return {
      records: sum(forwarders.map(({ waiting }) => waiting)),
      bytes: this.#share.bytes + sum(taken.map(({ share }) => share.bytes)),
      unlogged: sum(forwarders.map(({ unlogged }) => unlogged)),
      oldestAgeMs: Math.max(0, ...[...own, ...taken].map(({ oldestAgeMs }) => oldestAgeMs)),
      behindBecause: [...own.map(({ writer }) => writer), ...forwarders].find(({ trouble }) => trouble !== undefined)
        ?.trouble,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#nextLook?.cancel();
    this.#nextEdgeLook?.cancel();
    this.#reports.close();
    this.#takeovers.stop();
    await this.#registering;
    while (this.#looking !== undefined) await this.#looking;
    this.#takeovers.end();
    await Promise.all([...this.#spools.values()].map((spool) => spool.close()));
    this.#folder?.end();
  }

  /** This process's own folder, made with the first record. */
  #begin(): SpoolFolder {
    this.#folder ??= SpoolFolder.begin(this.#parent, this.#process);
    return this.#folder;
  }

  /** Others wait for the report of every spool that has a row: it has one before it has records. */
  #register(name: string, spool: StreamSpool): void {
    try {
      // Before its row: by the folder others find both, should this process die.
      this.#begin().part(name);
    } catch (error) {
      this.#options.log.warn("the folder of a spool cannot be made", { stream: name, error });
      return;
    }
    // Where the database is away, the next look does it.
    const registered = spool.reportOwn().then(ignore, ignore);
    this.#registering = this.#registering.then(() => registered);
  }

  #takeEdgeRecords(name: string, make: MakeRecords): Serving {
    const known = this.#streams.get(name) as KnownStream;
    known.make = make;
    this.#nextEdgeLook ??= this.#options.clock.after(0, this.#onEdgeLook);
    return {
      stop: async () => {
        known.make = undefined;
      },
    };
  }

  /** Of every spool of this instance, and what gateways have written down beside them. */
  async #report(): Promise<void> {
    await Promise.all([...this.#spools.values()].map((spool) => spool.reportOwn()));
    for (const stream of this.#edgeStreams()) await this.#edge.report(stream);
  }

  async #reportEdge(stream: string): Promise<void> {
    if (this.#streams.get(stream)?.make) await this.#edge.report(stream);
  }

  /** Those for which events of the edge are made here. */
  #edgeStreams(): readonly string[] {
    return [...this.#streams].flatMap(([name, { make }]) => (make ? [name] : []));
  }

  readonly #onLook = (): void => {
    void this.#look().finally(() => {
      if (!this.#closing) this.#nextLook = this.#options.clock.after(lookEveryMs, this.#onLook);
    });
  };

  /** Gateways let go of what they have written as often. */
  readonly #onEdgeLook = (): void => {
    this.#looking ??= this.#lookAt(() => this.#edge.processesWith(this.#edgeStreams()));
    void this.#looking.finally(() => {
      if (!this.#closing) this.#nextEdgeLook = this.#options.clock.after(edgeLookEveryMs, this.#onEdgeLook);
    });
  };

  /** Takes over what dead processes have left, and tries again what could not be brought into a stream before. */
  async #look(): Promise<void> {
    // What is on its way may be one at the edge, which sees less.
    while (this.#looking !== undefined) await this.#looking;
    if (this.#closing !== undefined) return;
    this.#looking = this.#lookAt(
      () => spoolFolders(this.#parent),
      () => this.#report().catch(ignore),
    );
    await this.#looking;
  }

  async #lookAt(processes: () => readonly string[], then = async (): Promise<void> => undefined): Promise<void> {
    try {
      await this.#takeovers.run(processes());
      await then();
    } catch (error) {
      this.#options.log.warn("the spools of other processes cannot be looked at", { error });
    } finally {
      this.#looking = undefined;
    }
  }

  #showFigures(metrics: Metrics): void {
    const each = (read: (spool: StreamSpool) => number) => () =>
      [...this.#spools].map(([name, spool]) => {
        const [service = "", stream = ""] = name.split(".");
        return { labels: { service, stream }, value: read(spool) };
      });
    metrics.gauge(
      "trellis_spool_waiting_records",
      "Events written down on this machine, not yet in the stream",
      each(({ forwarder }) => forwarder.waiting),
    );
    metrics.gauge(
      "trellis_spool_oldest_age_seconds",
      "How long the oldest of them has been waiting",
      each(({ oldestAgeMs }) => oldestAgeMs / 1_000),
    );
    metrics.gauge("trellis_spool_disk_bytes", "What this instance's spools take of the disk", () => this.#share.bytes);
  }
}

function ignore(): void {}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
