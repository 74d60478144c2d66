import type { Clock } from "../../model/clock.ts";
import type { Sql } from "../../model/sql.ts";

/** How long messages are kept, as PostgreSQL writes it, and how long one may look away without missing any. */
const keptFor = "1 hour";
const missesAfterMs = 55 * 60_000;

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
    await this.#sql.query(`delete from trellis.message where at < now() - interval '${keptFor}'`);
  }

  #moveTo(snapshot: string): void {
    this.#snapshot = snapshot;
    this.#readMs = this.#clock.now();
  }
}

/** Always one row at least, for the snapshot. Both conditions on `xid` are looked up in its index. */
const newsSince = `
  select pg_current_snapshot()::text as snapshot, message.id, message.topic, message.body
  from (select) as always
  left join trellis.message
    on message.xid >= pg_snapshot_xmax($1::pg_snapshot)
    or message.xid = any (array(select pg_snapshot_xip($1::pg_snapshot)))
  order by message.id`;

/** The first transaction that the snapshot knows nothing of: the second part of `xmin:xmax:running`. */
function endOf(snapshot: string): bigint {
  return BigInt(snapshot.split(":")[1] ?? 0);
}
