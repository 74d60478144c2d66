import type { Timer } from "../../../model/clock.ts";
import type { Sql } from "../../../model/sql.ts";
import { scopeOf, type Transaction } from "../../../model/transaction.ts";
import { backoffMs } from "../../../policies/backoff.ts";
import { isOutage } from "../is-outage.ts";
import { batchBytesMax, deadMs, restMsMax, restShare } from "../limits.ts";
import type { BatchHandler, ConsumerSettings, Delivered } from "../port.ts";
import { Attempts } from "./attempts.ts";
import type { ConsumerFigures } from "./consumer-figures.ts";
import { handleInTime, type Unfit } from "./handle-in-time.ts";
import { type LogParts, type StreamRow, streamLabel } from "./log-parts.ts";
import { finishRetry, giveUpRetry, type Place, putAside, takeRetry } from "./set-aside.ts";
import type { Slots } from "./slots.ts";

export interface WorkerOptions {
  readonly stream: StreamRow;
  readonly settings: ConsumerSettings;
  readonly handler: BatchHandler;
  readonly parts: LogParts;
  /** Batches that are handled, or committed. */
  readonly connections: Slots;
  /** Batches that are handled. */
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
  readonly #place: Place;
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
    this.#place = [options.stream.id, options.settings.service, partition];
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
      const pauseMs = await this.#inTurn((giveUp) => this.#tryBatch(giveUp));
      if (pauseMs === undefined) return await this.#rest();
      if (pauseMs > 0) await this.#pause(pauseMs);
    }
  }

  /** `giveUp` is called when all but the commit is done: meanwhile that waits for the disk others can be handled. */
  #inTurn<T>(work: (giveUp: () => void) => Promise<T>): Promise<T> {
    const { connections, slots } = this.#options;
    return connections.run(() => slots.run(work));
  }

  /** While much comes, few large batches: what each costs whatever its size is not paid for every few events. */
  async #rest(): Promise<void> {
    const restMs = Math.min(restMsMax, this.#workedMs * restShare) - this.#workedMs;
    this.#workedMs = 0;
    if (restMs > 0) await this.#pause(restMs);
  }

  /** Returns how long to wait before the next batch; undefined where there is none. */
  async #tryBatch(giveUp: () => void): Promise<number | undefined> {
    if (!this.#goesOn) return undefined;
    const { clock } = this.#options.parts;
    const batch: Batch = { from: this.#next, count: 0 };
    try {
      const beganMs = clock.now();
      const outcome = await this.#handleBatch(batch, giveUp);
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

  async #handleBatch(batch: Batch, giveUp: () => void): Promise<"held" | "drained" | "more"> {
    const { settings, parts, figures } = this.#options;
    const { limit } = this.#attempts;
    let next = this.#next;
    const outcome = await parts.database.service(settings.service).transaction(async (tx) => {
      const sql = scopeOf(tx);
      const [taken] = await sql.query<Taken>(takeEvents, [...this.#place, limit, batchBytesMax]);
      if (!taken) return "held";
      this.backend = taken.backend;
      batch.from = taken.first;
      batch.count = taken.count;
      next = taken.first + BigInt(taken.count);
      if (taken.count === 0) return "drained";
      const unfit = await this.#handle(this.#delivered(taken), tx, () => this.#traceOf(taken, sql));
      if (unfit.length > 0) await putAside(sql, this.#place, unfit);
      await sql.defer(moveCursor, [...this.#place, next]);
      if (unfit.length > 0) sql.afterCommit(() => figures.setAside.add(unfit.length));
      giveUp();
      return taken.isMore ? "more" : "drained";
    });
    this.#next = next;
    return outcome;
  }

  #delivered({ first, count, bodies }: Taken): Delivered {
    // JSON has no such character: it is the server that puts it between them.
    const found = count === 1 ? [bodies] : bodies.split(separator);
    if (found.length !== count) throw new TypeError("An event is no JSON.");
    return { partition: this.partition, first, bodies: found };
  }

  async #traceOf({ first }: Taken, sql: Sql): Promise<string | null> {
    const [found] = await sql.query<{ trace: string | null }>("select trellis.trace_at($1, $2, $3) as trace", [
      this.#options.stream.id,
      this.partition,
      first,
    ]);
    return found?.trace ?? null;
  }

  /** `traceOf` says what caused the first of them. Asked only where somebody wants to know. */
  async #handle(
    events: Delivered,
    tx: Transaction,
    traceOf: () => string | null | Promise<string | null>,
  ): Promise<readonly Unfit[]> {
    const { parts, handler, ending, figures, stream } = this.#options;
    const startedMs = parts.metrics.on ? parts.clock.now() : 0;
    const run = async () => {
      const unfit = await handleInTime({ handler, events, tx, clock: parts.clock, ending });
      if (parts.metrics.on) figures.seconds.record((parts.clock.now() - startedMs) / 1_000);
      return unfit;
    };
    if (!parts.tracing.on) return run();
    const facts = {
      name: `${streamLabel(stream)} consume`,
      kind: "consumer",
      parent: (await traceOf()) ?? undefined,
      attributes: { "messaging.batch.message_count": events.bodies.length },
    } as const;
    return parts.tracing.span(facts, run);
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
        const [cursor] = await sql.query<{ offset: bigint }>(lockCursor, this.#place);
        if (cursor?.offset !== offset) return false;
        await putAside(sql, this.#place, [{ offset, reason }]);
        await sql.defer(moveCursor, [...this.#place, offset + 1n]);
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
    const { parts, settings } = this.#options;
    for (let left = true; left && this.#goesOn; ) {
      let id: bigint | undefined;
      try {
        left = await this.#inTurn(() =>
          parts.database.service(settings.service).transaction(async (tx) => {
            const sql = scopeOf(tx);
            const found = await takeRetry(sql, this.#place);
            if (!found) return false;
            id = found.id;
            const [unfit] = await this.#handle(found.event, tx, () => found.trace);
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

interface Taken {
  readonly first: bigint;
  readonly backend: number;
  readonly count: number;
  readonly bodies: string;
  readonly isMore: boolean;
}

const separator = "\u001f";

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

const lockCursor = `
  select "offset" from trellis.stream_cursor
  where stream = $1 and "group" = $2 and partition = $3 for update skip locked`;

const takeEvents = `
  select first, backend, count, bodies, is_more as "isMore" from trellis.take_events($1, $2, $3, $4, $5)`;

const moveCursor = `update trellis.stream_cursor set "offset" = $4 where stream = $1 and "group" = $2 and partition = $3`;
