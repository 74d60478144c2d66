import type { Serving } from "../../../model/block.ts";
import { TrellisError } from "../../../model/errors.ts";
import type { Counter } from "../../../model/metrics.ts";
import type { PlainValue } from "../../../model/sql.ts";
import { scopeOf, type Transaction } from "../../../model/transaction.ts";
import { partitionOf } from "../partition-of.ts";
import type { BatchHandler, ConsumerSettings, Log, LogOverview, Recorded, SpoolMove } from "../port.ts";
import { moveSpool } from "../spool/spool-table.ts";
import type { StreamAccount } from "../stream-account.ts";
import { Appender } from "./appender.ts";
import { Consumer } from "./consumer.ts";
import { eventsTopic, type LogParts, type StreamRow, streamLabel } from "./log-parts.ts";
import { OutboxRelay } from "./outbox-relay.ts";
import { readAccount, readOverviews } from "./overview.ts";
import { columnArrays, recordColumns } from "./record-columns.ts";

/** One stream in PostgreSQL. */
export class PostgresLog implements Log {
  readonly stream: StreamRow;
  readonly #parts: LogParts;
  readonly #appender: Appender;
  readonly #relay: OutboxRelay;
  readonly #appended: Counter;

  constructor(stream: StreamRow, parts: LogParts) {
    this.stream = stream;
    this.#parts = parts;
    this.#appended = parts.metrics.counter("trellis_stream_appended_total", "Events that this instance has appended", {
      stream: streamLabel(stream),
    });
    this.#appender = new Appender(async (records) => {
      await parts.database.platform.query(appendMany, this.#appendedValues(records));
    });
    this.#relay = new OutboxRelay(stream, parts);
  }

  async append(records: readonly Recorded[]): Promise<void> {
    if (this.#parts.database.openTransactionHere(this.stream.service))
      throw new TrellisError("outside-transaction", {
        says: `Events were appended to ${streamLabel(this.stream)} outside of the transaction that is open here`,
        cure: "Write `.in(tx).append(…)`, so that they are there with the transaction, or not at all.",
      });
    if (records.length === 0) return;
    await this.#appender.append(records);
    this.#hasAppended(records.length);
  }

  async appendIn(tx: Transaction, records: readonly Recorded[]): Promise<void> {
    if (records.length === 0) return;
    const scope = scopeOf(tx);
    const { id, partitions } = this.stream;
    const [first, ...more] = records;
    if (first && more.length === 0)
      await scope.defer(putOne, [id, partitionOf(first.key, partitions), first.key, first.body, first.trace ?? null]);
    else await scope.query(putMany, [id, ...recordColumns(records, partitions)]);
    scope.afterCommit(() => {
      this.#relay.look();
      this.#appended.add(records.length);
    });
  }

  async appendSpooled(records: readonly Recorded[], move: SpoolMove): Promise<boolean> {
    const { database } = this.#parts;
    const moved = await database.transaction(async (tx) => {
      const scope = scopeOf(tx);
      if (!(await moveSpool(scope, move))) return false;
      if (records.length > 0) await scope.defer(appendMany, this.#appendedValues(records));
      return true;
    });
    if (moved && records.length > 0) this.#hasAppended(records.length);
    return moved;
  }

  consume(group: ConsumerSettings, handler: BatchHandler): Serving {
    const consumer = new Consumer(this.stream, group, handler, this.#parts);
    consumer.start();
    return consumer;
  }

  account(group: string, tx?: Transaction): Promise<StreamAccount> {
    return readAccount(tx ? scopeOf(tx) : this.#parts.database.platform, this.stream, group);
  }

  async overview(): Promise<LogOverview> {
    const [overview] = await readOverviews(this.#parts.database.platform, this.stream.id);
    if (!overview) throw new TypeError(`${streamLabel(this.stream)} is gone from the tables.`);
    return overview;
  }

  close(): Promise<void> {
    return this.#relay.close();
  }

  #appendedValues(records: readonly Recorded[]): readonly PlainValue[] {
    const { id, partitions } = this.stream;
    return [id, this.#parts.clock.now(), ...recordColumns(records, partitions)];
  }

  #hasAppended(count: number): void {
    this.#appended.add(count);
    this.#parts.wakes.wake(eventsTopic(this.stream));
  }
}

const putOne = "insert into trellis.outbox (stream, partition, key, body, trace) values ($1, $2, $3, $4, $5)";

const putMany = `
  insert into trellis.outbox (stream, partition, key, body, trace)
  select $1, partition, key, body, trace
  from unnest(${columnArrays(2)}) as event (partition, place, key, body, trace)`;

const appendMany = `select trellis.append_events($1, $2, ${columnArrays(3)})`;
