import type { Clock } from "../../../model/clock.ts";
import type { Sql } from "../../../model/sql.ts";
import { messagesKeptMs } from "./limits.ts";

/** How long one may look away without missing any: the clocks of instances and database may differ a little. */
const missesAfterMs = messagesKeptMs - 5 * 60_000;

export interface Message {
  readonly id: string;
  readonly topic: string;
  readonly body: string;
}

export interface News {
  readonly messages: readonly Message[];
  /** Others may have come and gone meanwhile. */
  readonly missed: boolean;
}

interface Row {
  readonly snapshot: string;
  readonly id: bigint | null;
  readonly topic: string;
  readonly body: string;
}

/**
 * Reads each message once, in whatever order transactions commit. What one read may see is its snapshot; the next takes
 * what that snapshot could not see: transactions that were running then, and all that began later. So a transaction that
 * commits late is not skipped, as it would be by reading on from the highest number.
 */
export class MessageReader {
  readonly #sql: Sql;
  readonly #clock: Clock;
  #snapshot = "";
  #readMs = 0;

  constructor(sql: Sql, clock: Clock) {
    this.#sql = sql;
    this.#clock = clock;
  }

  /** All that commits from now on is news. */
  async begin(): Promise<void> {
    const [row] = await this.#sql.query<Row>("select pg_current_snapshot()::text as snapshot");
    this.#moveTo(row?.snapshot ?? "");
  }

  async read(): Promise<News> {
    const lookedAwayMs = this.#clock.now() - this.#readMs;
    const rows = await this.#sql.query<Row>(newsSince, [this.#snapshot]);
    const snapshot = rows[0]?.snapshot ?? this.#snapshot;
    // A server that was put back to an older state counts anew.
    const missed = lookedAwayMs > missesAfterMs || endOf(snapshot) < endOf(this.#snapshot);
    this.#moveTo(snapshot);
    const messages = rows.flatMap(({ id, topic, body }) => (id === null ? [] : [{ id: String(id), topic, body }]));
    return { messages, missed };
  }

  async removeOld(): Promise<void> {
    await this.#sql.query(`delete from trellis.message where at < now() - interval '${messagesKeptMs} milliseconds'`);
  }

  #moveTo(snapshot: string): void {
    this.#snapshot = snapshot;
    this.#readMs = this.#clock.now();
  }
}

/**
 * Always one row at least, for the snapshot. The upper bound, which every visible row keeps, is there for PostgreSQL's
 * planner: a range with two ends is expected to be small and looked up in the index, whatever the table's size. So are the
 * two ends for one transaction each.
 */
const newsSince = `
  select pg_current_snapshot()::text as snapshot, news.id, news.topic, news.body
  from (select) as always
  left join (
    select id, topic, body from trellis.message
    where xid >= pg_snapshot_xmax($1::pg_snapshot) and xid < pg_snapshot_xmax(pg_current_snapshot())
    union all
    select id, topic, body from pg_snapshot_xip($1::pg_snapshot) as running (xid)
    join trellis.message on message.xid >= running.xid and message.xid <= running.xid
  ) as news on true
  order by news.id`;

/** The first transaction that the snapshot knows nothing of: the second part of `xmin:xmax:running`. */
function endOf(snapshot: string): bigint {
  return BigInt(snapshot.split(":")[1] ?? 0);
}
