import type { EngineName, Serving } from "../../model/block.ts";
import type { Transaction } from "../../model/transaction.ts";
import type { Recorded } from "../../spool/recorded.ts";
import type { StreamAccount } from "./stream-account.ts";

export type { Recorded } from "../../spool/recorded.ts";

/** The app's streams: an append-only log in PostgreSQL, or Kafka. Opened once per instance. */
export interface StreamEngine {
  /** Makes the stream where it is missing. The same object each time. Throws `invalid-app` where it has other partitions. */
  open(settings: LogSettings): Promise<Log>;
  /** Every stream of the app with its consumers, for figures and the operations page. */
  overview(): Promise<readonly LogOverview[]>;
  /** Events that a group gave up, the latest first. `before`: the id that the page before ended with. */
  setAside(ask: {
    readonly stream?: StreamName;
    readonly limit: number;
    readonly before?: string;
  }): Promise<readonly SetAsideEvent[]>;
  /** Hands them to their group's handler once more, each alone. Returns how many there were. */
  retrySetAside(ids: readonly string[]): Promise<number>;
  /** Forgets them. Returns how many there were. */
  dropSetAside(ids: readonly string[]): Promise<number>;
  /** Moves a group back or forward, within what is kept. Batches that are being handled are finished first. */
  replay(ask: ReplayAsk): Promise<void>;
  close(): Promise<void>;
}

/** A stream by the service that has it and its name there. */
export interface StreamName {
  readonly service: string;
  readonly name: string;
}

export interface ReplayAsk {
  readonly stream: StreamName;
  readonly group: string;
  /** A time, in milliseconds since 1970: the first event from then on. An offset: in one partition, or in each. */
  readonly from: { readonly time: number } | { readonly offset: bigint; readonly partition?: number };
}

export interface SetAsideEvent {
  readonly id: string;
  readonly stream: StreamName;
  readonly group: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly setAsideAt: number;
  readonly key: string;
  /** JSON. */
  readonly body: string;
  readonly reason: string;
  /** It waits for its handler. */
  readonly retrying: boolean;
}

export const streamEngine: EngineName<StreamEngine> = "stream";

export interface LogSettings {
  readonly service: string;
  readonly name: string;
  readonly partitions: number;
  readonly keepForMs: number;
}

/** One stream as bytes: what its handle encodes and decodes. */
export interface Log {
  append(records: readonly Recorded[]): Promise<void>;
  /** Takes effect soon after `tx` commits, or never. */
  appendIn(tx: Transaction, records: readonly Recorded[]): Promise<void>;
  /**
   * Brings records from a spool, once: appended, and the spool's position moved from `from` to `to`, or neither. False
   * where the spool's position is not `from`: somebody else has brought them.
   */
  appendSpooled(records: readonly Recorded[], move: SpoolMove): Promise<boolean>;
  /** Everything in one snapshot: that of `tx`, where it is given. `lag` and `setAside` are those of `group`. */
  account(group: string, tx?: Transaction): Promise<StreamAccount>;
  /** Runs `handler` for batches of the group's partitions, each in a transaction that also commits the offsets. */
  consume(group: ConsumerSettings, handler: BatchHandler): Serving;
  overview(): Promise<LogOverview>;
}

/**
 * `position` counts the records of one spool since it was begun, lost ones included. The table `trellis.spool`, its
 * migration and the statement that moves a position (`moveStatement`) are in `spool/spool-table.ts`. The spool's row is
 * there before anything is appended from it. Over all rows of a stream, in one statement: spooled = sum(position),
 * forwarded = sum(forwarded), unlogged = sum(unlogged), inSpools = the rest.
 */
export interface SpoolMove {
  /** Names the spool for ever: a new process begins a new one. */
  readonly spool: string;
  readonly from: number;
  readonly to: number;
  /** Of all those up to `to`, how many could not be written down, since the spool was begun. */
  readonly unlogged: number;
}

/** Events of one partition, each following the one before it without a gap. */
export interface Delivered {
  readonly partition: number;
  /** The offset of the first one. */
  readonly first: bigint;
  /** JSON, in the order of their offsets. */
  readonly bodies: readonly string[];
}

export type BatchHandler = (
  batch: Delivered & {
    /** Of the service's own database. It also commits the offsets. */
    readonly tx: Transaction;
    readonly signal: AbortSignal;
    /** Puts the event at `index` aside with the batch, for a reason that no retry mends: it does not fit the schema. */
    setAside(index: number, reason: string): void;
  },
) => Promise<void>;

export interface ConsumerSettings {
  /** The service that consumes: also the name of its group. */
  readonly service: string;
  readonly batchMax: number;
  readonly retries: number;
}

export interface LogOverview {
  readonly service: string;
  readonly name: string;
  readonly partitions: number;
  /** Events appended ever. */
  readonly appended: number;
  /** Milliseconds since 1970 of the oldest event that is kept. */
  readonly oldestAt: number | undefined;
  /** In committed transactions, not yet appended. */
  readonly outbox: number;
  readonly groups: readonly GroupOverview[];
}

export interface GroupOverview {
  readonly group: string;
  /** Events not yet handled. */
  readonly lag: number;
  /** How long the oldest of them has been waiting. */
  readonly oldestAgeMs: number;
  readonly setAside: number;
  /** Which instance handles which partitions. */
  readonly members: readonly { readonly instance: string; readonly partitions: readonly number[] }[];
}

/** What an instance wrote down on its own disk, on its way to the streams. Opened once per instance. */
export interface SpoolEngine {
  /** The spool of one stream. The same object each time. */
  open(stream: { readonly service: string; readonly name: string }, log: Log): SpoolWriter;
  /** Brings everything that is written down into the streams. Resolves when it is there, or cannot get there now. */
  forward(): Promise<void>;
  overview(): SpoolOverview;
  close(): Promise<void>;
}

export const spoolEngine: EngineName<SpoolEngine> = "spool";

export interface SpoolWriter {
  /** Written before any answer of this turn leaves. Never throws. */
  write(record: Recorded): void;
  /** Counts one event as unlogged that cannot be written: it is too large, or broken. Never throws. */
  lose(): void;
  /** Brings this instance's own count up to date in the database, so that `account` says it to the unit. */
  report(): Promise<void>;
  /**
   * Brings in what gateways have recorded for this stream, made into its records by `make`, until it is stopped. Where
   * `make` rejects, the same records are given to it again later. Called at most once.
   */
  takeEdgeRecords(make: MakeRecords): Serving;
}

/** Makes records of a stream out of those of the edge. */
export type MakeRecords = (records: readonly Recorded[]) => Promise<MadeRecords>;

export interface MadeRecords {
  /** In the same order. */
  readonly records: readonly Recorded[];
  /** Why others became none: so many for each reason. They count as unlogged. */
  readonly unmade: ReadonlyMap<string, number>;
}

/** Of this instance and the dead ones whose spools it has taken over. */
export interface SpoolOverview {
  readonly records: number;
  readonly bytes: number;
  readonly unlogged: number;
  /** How long the oldest record has been waiting. */
  readonly oldestAgeMs: number;
  /** Why records cannot be written down, or brought into the stream, where that is so. */
  readonly behindBecause: string | undefined;
}
