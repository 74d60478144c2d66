import type { Sql } from "../../../model/sql.ts";
import { scopeOf, type Transaction } from "../../../model/transaction.ts";
import type { SpoolMove } from "../port.ts";
import { silentMsMax } from "./limits.ts";

export const spoolMigrations = {
  owner: "trellis:spool",
  schema: "trellis",
  folder: import.meta.resolve("./migrations/"),
} as const;

/** What spools need of the database: its part with the platform's own tables. */
export interface SpoolDatabase {
  readonly platform: Sql;
  transaction<T>(run: (tx: Transaction) => Promise<T>): Promise<T>;
}

/** What a spool's instance knows of it. */
export interface SpoolCount {
  readonly spool: string;
  /** `SERVICE.NAME` */
  readonly stream: string;
  readonly instance: string;
  /** Records spooled so far, lost ones included. */
  readonly position: number;
  readonly unlogged: number;
  /** Up to where they were brought into the stream, and how many of those are in it. */
  readonly moved: number;
  readonly forwarded: number;
}

/** How far a spool has been brought into its stream. */
export interface SpoolProgress {
  readonly position: number;
  readonly moved: number;
  readonly forwarded: number;
}

/**
 * Moves a spool's position in the transaction that appends its records, or in autocommit where there are none. False
 * where it does not stand at `from`: somebody else has brought them, or the spool has ended.
 */
export async function moveSpool(sql: Sql, { spool, from, to, unlogged }: SpoolMove): Promise<boolean> {
  return (await sql.query(moveStatement, [spool, from, to, unlogged])).length > 0;
}

/** The statement of `moveSpool`, to be part of another: `$1` spool, `$2` from, `$3` to, `$4` unlogged. */
export const moveStatement = `
  update trellis.spool set
    moved = $3::bigint,
    forwarded = $3::bigint - $4::bigint,
    position = greatest(position, $3::bigint),
    unlogged = greatest(unlogged, $4::bigint)
  where spool = $1 and moved = $2::bigint
  returning spool`;

/** The rows of `trellis.spool`, as the spools of this instance need them. */
export class SpoolTable {
  readonly #database: SpoolDatabase;
  readonly #sql: Sql;

  constructor(database: SpoolDatabase) {
    this.#database = database;
    this.#sql = database.platform;
  }

  /** The database's time. What is counted after it was asked is reported as of then. */
  async now(): Promise<string> {
    const rows = await this.#sql.query<{ readonly now: string }>("select clock_timestamp()::text as now");
    return (rows[0] as { readonly now: string }).now;
  }

  /** Writes down what its instance has counted after `asOf`; the row is made where it is missing. */
  async report(count: SpoolCount, asOf: string): Promise<void> {
    await reportOn(this.#sql, count, asOf);
  }

  /**
   * Writes down what somebody else has counted of a spool after `asOf`, unless it `isGone` by then. A spool is gone before it is ended:
   * the row of one that has ended would else come back, with nobody to end it.
   */
  async reportOf(count: SpoolCount, asOf: string, isGone: () => boolean): Promise<void> {
    const gone = new Error("The spool is gone");
    try {
      await this.#database.transaction(async (tx) => {
        await reportOn(scopeOf(tx), count, asOf);
        // Whoever ends it waits from here on for what becomes of the row.
        if (isGone()) throw gone;
      });
    } catch (error) {
      if (error !== gone) throw error;
    }
  }

  /** Undefined where the spool has no row: it was never reported, or has ended. */
  async read(spool: string): Promise<SpoolProgress | undefined> {
    const rows = await this.#sql.query<Record<keyof SpoolProgress, string>>(
      "select position::text, moved::text, forwarded::text from trellis.spool where spool = $1",
      [spool],
    );
    const row = rows[0];
    return row && { position: Number(row.position), moved: Number(row.moved), forwarded: Number(row.forwarded) };
  }

  /** How many spools of the stream have reported nothing as of `since` or later. One that has long been silent has nobody to report. */
  async silent(stream: string, since: string): Promise<number> {
    const rows = await this.#sql.query<{ readonly silent: number }>(
      `select count(*)::int as silent from trellis.spool
       where stream = $1 and spool <> stream and seen_at < $2::timestamptz
         and seen_at > $2::timestamptz - make_interval(secs => $3)`,
      [stream, since, silentMsMax / 1_000],
    );
    return rows[0]?.silent ?? 0;
  }

  /**
   * Adds a spool that is empty for good to the sum of its stream: what was reported and is not in the stream by now has
   * been lost. Without effect where it has been done.
   */
  async end(spool: string): Promise<void> {
    await this.#sql.query(
      `with ended as (
         delete from trellis.spool where spool = $1
         returning stream, position, forwarded
       )
       insert into trellis.spool as total (spool, stream, instance, position, moved, forwarded, unlogged)
       select stream, stream, '', position, position, forwarded, position - forwarded from ended
       on conflict (spool) do update set
         position = total.position + excluded.position,
         moved = total.moved + excluded.moved,
         forwarded = total.forwarded + excluded.forwarded,
         unlogged = total.unlogged + excluded.unlogged,
         seen_at = clock_timestamp()`,
      [spool],
    );
  }
}

/** The row says as of when it holds, not when it was written: a count may be old by the time it comes. */
async function reportOn(sql: Sql, count: SpoolCount, asOf: string): Promise<void> {
  const { spool, stream, instance, position, unlogged, moved, forwarded } = count;
  await sql.query(
    `insert into trellis.spool as known (spool, stream, instance, position, moved, forwarded, unlogged, seen_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8::timestamptz)
     on conflict (spool) do update set
       position = greatest(known.position, excluded.position),
       unlogged = greatest(known.unlogged, excluded.unlogged),
       seen_at = greatest(known.seen_at, excluded.seen_at)`,
    [spool, stream, instance, position, moved, forwarded, unlogged, asOf],
  );
}
