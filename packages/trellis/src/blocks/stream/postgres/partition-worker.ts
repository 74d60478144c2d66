import type { Timer } from "../../../model/clock.ts";
import { scopeOf, type Transaction } from "../../../model/transaction.ts";
import { backoffMs } from "../../../policies/backoff.ts";
import { isOutage } from "../is-outage.ts";
import { batchBytesMax, deadMs, restMsMax, restShare } from "../limits.ts";
import type { BatchHandler, ConsumerSettings, Delivered } from "../port.ts";
import { Attempts } from "./attempts.ts";
import type { ConsumerFigures } from "./consumer-figures.ts";
import { handleInTime, type Unfit } from "./handle-in-time.ts";
import { type LogParts, type StreamRow, streamLabel } from "./log-parts.ts";
import { finishRetry, giveUpRetry, putAside, takeRetry } from "./set-aside.ts";
import type { Slots } from "./slots.ts";

export interface WorkerOptions {
  readonly stream: StreamRow;
  readonly settings: ConsumerSettings;
  readonly handler: BatchHandler;
  readonly parts: LogParts;
  readonly slots: Slots;
  readonly figures: ConsumerFigures;
  /** Aborted when what still runs must end. */
  readonly ending: AbortSignal;
  /** Everything that it saw is handled; there may be more by now. */
  onDrained(): void;
}

const handlerPause = { baseMs: 200, capMs: 10_000 } as const;
const outagePause = { baseMs: 100, capMs: 5_000 } as const;
/** While another instance holds the partition, which has a batch to finish or does not know yet that it is ours. */
const heldPauseMs = 100;

/** Handles the events of one partition, a batch at a time, each in a transaction that also moves the group's cursor. */
export class PartitionWorker {
  readonly partition: number;
  isOurs = false;
  /** The connection, as the server numbers it, on which a batch is being handled. */
  backend: number | undefined;
  readonly #options: WorkerOptions;
  readonly #attempts: Attempts;
  #running: Promise<void> | undefined;
  #stopping = false;
  #next = 0n;
  #outages = 0;
  #heldSinceMs: number | undefined;
  /** How long the latest batch took. */
  #workedMs = 0;
  #endPause: (() => void) | undefined;

  constructor(partition: number, options: WorkerOptions) {
    this.partition = partition;
    this.#options = options;
    this.#attempts = new Attempts(options.settings.batchMax, options.settings.retries);
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Somebody else has been holding it for so long that he may be dead. */
  get isStuck(): boolean {
    return this.#heldSinceMs !== undefined && this.#options.parts.clock.now() - this.#heldSinceMs >= deadMs / 2;
  }

  /** Handles what there is. Returns at once. */
  run(found: { readonly events: boolean; readonly aside: boolean }): void {
    if (this.#running || this.#stopping) return;
    this.#running = this.#handleAll(found).finally(() => {
      this.#running = undefined;
      this.#heldSinceMs = undefined;
      if (!this.#stopping) this.#options.onDrained();
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#endPause?.();
    await this.#running;
  }

  get #goesOn(): boolean {
    return this.isOurs && !this.#stopping;
  }

  async #handleAll(found: { readonly events: boolean; readonly aside: boolean }): Promise<void> {
    if (found.aside) await this.#retryAside();
    while (found.events && this.#goesOn) {
      const pauseMs = await this.#options.slots.run(() => this.#tryBatch());
      if (pauseMs === undefined) return await this.#rest();
      if (pauseMs > 0) await this.#pause(pauseMs);
    }
  }

  /** While much comes, few large batches: what each costs whatever its size is not paid for every few events. */
  async #rest(): Promise<void> {
    const restMs = Math.min(restMsMax, this.#workedMs * restShare);
    this.#workedMs = 0;
    if (restMs > 0) await this.#pause(restMs);
  }

  /** Returns how long to wait before the next batch; undefined where there is none. */
  async #tryBatch(): Promise<number | undefined> {
    if (!this.#goesOn) return undefined;
    const { clock } = this.#options.parts;
    const batch: Batch = { from: this.#next, count: 0 };
    try {
      const beganMs = clock.now();
      const outcome = await this.#handleBatch(batch);
      this.#workedMs = clock.now() - beganMs;
      this.#outages = 0;
      if (outcome === "held") {
        this.#heldSinceMs ??= this.#options.parts.clock.now();
        return heldPauseMs;
      }
      this.#heldSinceMs = undefined;
      if (batch.count === 0) return undefined;
      this.#attempts.succeeded(this.#next, batch.count);
      this.#options.figures.handled.add(batch.count);
      return outcome === "drained" ? undefined : 0;
    } catch (error) {
      return this.#failed(batch, error);
    } finally {
      this.backend = undefined;
    }
  }

  async #handleBatch(batch: Batch): Promise<"held" | "drained" | "more"> {
    const { stream, settings, parts, figures } = this.#options;
    const { limit } = this.#attempts;
    let next = this.#next;
    const outcome = await parts.database.service(settings.service).transaction(async (tx) => {
      const sql = scopeOf(tx);
      const read = (from: bigint) =>
        sql.query<EventRow>(readEvents, [stream.id, this.partition, from, limit, batchBytesMax]);
      // Both on their way at once: the cursor is nearly always where this worker left it.
      const [[cursor], early] = await Promise.all([
        sql.query<{ offset: bigint; backend: number }>(lockCursor, [stream.id, settings.service, this.partition]),
        read(this.#next),
      ]);
      if (!cursor) return "held";
      this.backend = cursor.backend;
      const rows = cursor.offset === this.#next ? early : await read(cursor.offset);
      batch.from = cursor.offset;
      batch.count = rows.length;
      next = cursor.offset + BigInt(rows.length);
      if (rows.length === 0) return "drained";
      const unfit = await this.#handle(delivered(rows, this.partition, cursor.offset), tx);
      if (unfit.length > 0) await putAside(sql, stream.id, settings.service, unfit);
      await sql.query(moveCursor, [stream.id, settings.service, this.partition, next]);
      if (unfit.length > 0) scopeOf(tx).afterCommit(() => figures.setAside.add(unfit.length));
      return rows.length < limit ? "drained" : "more";
    });
    this.#next = next;
    return outcome;
  }

  #handle(records: readonly Delivered[], tx: Transaction): Promise<readonly Unfit[]> {
    const { parts, handler, ending, figures, stream } = this.#options;
    const startedMs = parts.metrics.on ? parts.clock.now() : 0;
    const facts = {
      name: `${streamLabel(stream)} consume`,
      kind: "consumer",
      parent: records[0]?.trace,
      attributes: { "messaging.batch.message_count": records.length },
    } as const;
    const run = async () => {
      const unfit = await handleInTime({ handler, records, tx, clock: parts.clock, ending });
      if (parts.metrics.on) figures.seconds.record((parts.clock.now() - startedMs) / 1_000);
      return unfit;
    };
    return parts.tracing.on ? parts.tracing.span(facts, run) : run();
  }

  async #failed({ from, count }: Batch, error: unknown): Promise<number> {
    const { parts, stream, figures, settings } = this.#options;
    const facts = { stream: streamLabel(stream), group: settings.service, partition: this.partition, error };
    if (count === 0 || isOutage(error)) {
      this.#outages += 1;
      parts.log.debug("Events cannot be handled for the moment", facts);
      return backoffMs(this.#outages, parts.random, outagePause);
    }
    figures.failedBatches.add();
    this.#next = from;
    const step = this.#attempts.failed(from, count);
    if (step === "set-aside") return this.#setAside(from, error);
    parts.log.warn("A batch of events failed", { ...facts, offset: from, events: count });
    return step === "pause" ? backoffMs(this.#attempts.failures, parts.random, handlerPause) : 0;
  }

  /** The one event at `offset`, whose handler failed too often. */
  async #setAside(offset: bigint, error: unknown): Promise<number> {
    const { parts, stream, figures, settings } = this.#options;
    const reason = reasonOf(error);
    let isAside = false;
    try {
      isAside = await parts.database.service(settings.service).transaction(async (tx) => {
        const sql = scopeOf(tx);
        const [cursor] = await sql.query<{ offset: bigint }>(lockCursor, [stream.id, settings.service, this.partition]);
        if (cursor?.offset !== offset) return false;
        const rows = await sql.query<EventRow>(readEvents, [stream.id, this.partition, offset, 1, batchBytesMax]);
        const unfit = delivered(rows, this.partition, offset).map((record) => ({ record, reason }));
        await putAside(sql, stream.id, settings.service, unfit);
        await sql.query(moveCursor, [stream.id, settings.service, this.partition, offset + 1n]);
        return true;
      });
    } catch (cause) {
      return this.#failed({ from: offset, count: 0 }, cause);
    }
    // Another instance has the partition by now, and finds out by itself.
    if (!isAside) return heldPauseMs;
    this.#next = offset + 1n;
    this.#attempts.succeeded(this.#next, 1);
    figures.setAside.add();
    const facts = { stream: streamLabel(stream), group: settings.service, partition: this.partition, offset, reason };
    parts.log.error("An event was set aside: its handler fails on it", facts);
    return 0;
  }

  /** Hands over again, each alone, what somebody wants to see retried. */
  async #retryAside(): Promise<void> {
    const { parts, stream, settings, slots } = this.#options;
    const place = [stream.id, settings.service, this.partition] as const;
    for (let left = true; left && this.#goesOn; ) {
      let id: bigint | undefined;
      try {
        left = await slots.run(() =>
          parts.database.service(settings.service).transaction(async (tx) => {
            const sql = scopeOf(tx);
            const found = await takeRetry(sql, place);
            if (!found) return false;
            id = found.id;
            const [unfit] = await this.#handle([found.record], tx);
            if (unfit) await giveUpRetry(sql, found.id, unfit.reason);
            else await finishRetry(sql, found.id);
            return true;
          }),
        );
      } catch (error) {
        if (id === undefined || isOutage(error)) return;
        await giveUpRetry(parts.database.platform, id, reasonOf(error)).catch(() => undefined);
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#stopping) return;
    let timer: Timer | undefined;
    await new Promise<void>((resolve) => {
      this.#endPause = resolve;
      timer = this.#options.parts.clock.after(ms, resolve);
    });
    timer?.cancel();
    this.#endPause = undefined;
  }
}

interface Batch {
  from: bigint;
  count: number;
}

interface EventRow {
  readonly at: number;
  readonly key: string;
  readonly body: string;
  readonly trace: string | null;
}

function delivered(rows: readonly EventRow[], partition: number, from: bigint): readonly Delivered[] {
  let offset = from;
  return rows.map(({ at, key, body, trace }) => ({
    partition,
    offset: offset++,
    at,
    key,
    body,
    trace: trace ?? undefined,
  }));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

const lockCursor = `
  select "offset", pg_backend_pid() as backend from trellis.stream_cursor
  where stream = $1 and "group" = $2 and partition = $3 for update skip locked`;

const readEvents = "select at, key, body, trace from trellis.read_events($1, $2, $3, $4, $5)";

const moveCursor = `update trellis.stream_cursor set "offset" = $4 where stream = $1 and "group" = $2 and partition = $3`;
