import type { Sql } from "../../model/sql.ts";
import { runsKept } from "./limits.ts";
import type { ScheduleRun, Tick } from "./port.ts";

export interface ScheduleKey {
  readonly service: string;
  readonly name: string;
}

/** One schedule as the database has it. Times in milliseconds since 1970. */
export interface ScheduleRow extends ScheduleKey {
  readonly spec: string;
  readonly nextTick: number;
  readonly lastTick: number | undefined;
  readonly job: string | undefined;
  readonly runningSince: number | undefined;
  readonly seenAt: number;
}

export interface Look {
  /** What time it is: by the database's clock, which all instances share. */
  readonly now: number;
  readonly rows: readonly ScheduleRow[];
}

interface StoredRow {
  readonly now: Date;
  readonly service: string | null;
  readonly name: string;
  readonly spec: string;
  readonly next_tick: Date;
  readonly last_tick: Date | null;
  readonly job: string | null;
  readonly running_since: Date | null;
  readonly seen_at: Date;
}

/** The statements on `trellis.schedule` and `trellis.schedule_run`, each on the `sql` that it is given. */
export class ScheduleTable {
  readonly #judge: (() => number) | undefined;

  /** `judge` says what time it is instead of the database: for tests, which move it. */
  constructor(judge: (() => number) | undefined) {
    this.#judge = judge;
  }

  async look(sql: Sql, services: readonly string[]): Promise<Look> {
    return lookOf(
      await sql.query<StoredRow>(
        `select * from (select coalesce($1::timestamptz, clock_timestamp()) as now) as clock
         left join trellis.schedule on service = any($2)`,
        [this.#now(), services],
      ),
    );
  }

  /** Nobody else fires or ends a run of it until the transaction ends. */
  async lock(tx: Sql, { service, name }: ScheduleKey): Promise<Look> {
    // The time is read after the wait for the lock, not before.
    const rows = await tx.query<Omit<StoredRow, "now">>(
      "select * from trellis.schedule where service = $1 and name = $2 for update",
      [service, name],
    );
    const [clock] = await tx.query<{ now: Date }>("select coalesce($1::timestamptz, clock_timestamp()) as now", [
      this.#now(),
    ]);
    const now = clock?.now ?? new Date(0);
    return { now: now.getTime(), rows: rows.flatMap((row) => rowOf({ ...row, now })) };
  }

  /** Makes it where it is missing; gives it another `spec` where `adopt`. */
  async register(sql: Sql, key: ScheduleKey, spec: string, nextTick: number, adopt: boolean): Promise<void> {
    await sql.query(
      `insert into trellis.schedule as known (service, name, spec, next_tick, seen_at)
       values ($1, $2, $3, $4, coalesce($5::timestamptz, clock_timestamp()))
       on conflict (service, name) do update
       set spec = excluded.spec, next_tick = excluded.next_tick, seen_at = excluded.seen_at where $6 and known.spec <> $3`,
      [key.service, key.name, spec, new Date(nextTick), this.#now(), adopt],
    );
  }

  /** Those who have another `spec` see that somebody still has this one. */
  async touch(sql: Sql, keys: readonly ScheduleKey[]): Promise<void> {
    await sql.query(
      `update trellis.schedule set seen_at = coalesce($1::timestamptz, clock_timestamp())
       where (service, name) in (select * from unnest($2::text[], $3::text[]))`,
      [this.#now(), keys.map(({ service }) => service), keys.map(({ name }) => name)],
    );
  }

  async moveTo(sql: Sql, { service, name }: ScheduleKey, nextTick: number): Promise<void> {
    await sql.query("update trellis.schedule set next_tick = $3 where service = $1 and name = $2", [
      service,
      name,
      new Date(nextTick),
    ]);
  }

  async fired(tx: Sql, tick: Tick, job: string): Promise<void> {
    await tx.query(
      `update trellis.schedule set last_tick = case when $4 then last_tick else $3::timestamptz end, job = $5,
         running_since = null, skipped = 0
       where service = $1 and name = $2`,
      [tick.service, tick.name, new Date(tick.at), tick.byHand, job],
    );
  }

  async leftOut(tx: Sql, { service, name, at }: Tick): Promise<void> {
    await tx.query(
      "update trellis.schedule set last_tick = $3, skipped = skipped + 1 where service = $1 and name = $2",
      [service, name, new Date(at)],
    );
  }

  /** As if it had not fired yet. */
  async forgetFuture(sql: Sql, { service, name, lastTick }: ScheduleRow, nextTick: number): Promise<void> {
    await sql.query(
      `update trellis.schedule set next_tick = $4, last_tick = null
       where service = $1 and name = $2 and last_tick = $3`,
      [service, name, new Date(lastTick ?? 0), new Date(nextTick)],
    );
  }

  async began(sql: Sql, { service, name }: ScheduleKey, at: number): Promise<void> {
    await sql.query("update trellis.schedule set running_since = $3 where service = $1 and name = $2", [
      service,
      name,
      new Date(at),
    ]);
  }

  /** Writes the run down, with the times left out meanwhile, and forgets those that are too many. */
  async ended(tx: Sql, key: ScheduleKey, run: Omit<ScheduleRun, "skipped">): Promise<void> {
    // The row first: whoever fires locks it first too, then the job.
    const [row] = await tx.query<{ skipped: number }>(
      "select skipped from trellis.schedule where service = $1 and name = $2 for update",
      [key.service, key.name],
    );
    await tx.query(
      `with ended as (
         update trellis.schedule set running_since = null, skipped = 0 where service = $1 and name = $2
       ), forgotten as (
         delete from trellis.schedule_run where service = $1 and name = $2 and id <= (
           select id from trellis.schedule_run where service = $1 and name = $2
           order by id desc offset ${runsKept - 1} limit 1)
       )
       insert into trellis.schedule_run (service, name, tick, by_hand, at, took_ms, outcome, error, skipped, instance)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        key.service,
        key.name,
        new Date(run.tick),
        run.byHand,
        new Date(run.at),
        run.tookMs,
        run.outcome,
        run.error ?? null,
        row?.skipped ?? 0,
        run.instance,
      ],
    );
  }

  /** The latest runs of each schedule of the services, the latest first. */
  async runs(sql: Sql, services: readonly string[], each: number): Promise<readonly (ScheduleKey & ScheduleRun)[]> {
    const rows = await sql.query<StoredRun>(
      `select run.* from trellis.schedule cross join lateral (
         select * from trellis.schedule_run as run where run.service = schedule.service and run.name = schedule.name
         order by id desc limit $2) as run
       where schedule.service = any($1) order by run.id desc`,
      [services, each],
    );
    return rows.map(runOf);
  }

  #now(): Date | null {
    return this.#judge ? new Date(this.#judge()) : null;
  }
}

interface StoredRun {
  readonly service: string;
  readonly name: string;
  readonly tick: Date;
  readonly by_hand: boolean;
  readonly at: Date;
  readonly took_ms: number;
  readonly outcome: "done" | "failed";
  readonly error: string | null;
  readonly skipped: number;
  readonly instance: string;
}

function lookOf(rows: readonly StoredRow[]): Look {
  return { now: rows[0]?.now.getTime() ?? 0, rows: rows.flatMap(rowOf) };
}

function rowOf(row: StoredRow): readonly ScheduleRow[] {
  if (row.service === null) return [];
  return [
    {
      service: row.service,
      name: row.name,
      spec: row.spec,
      nextTick: row.next_tick.getTime(),
      lastTick: row.last_tick?.getTime(),
      job: row.job ?? undefined,
      runningSince: row.running_since?.getTime(),
      seenAt: row.seen_at.getTime(),
    },
  ];
}

function runOf({ tick, by_hand, at, took_ms, error, ...run }: StoredRun): ScheduleKey & ScheduleRun {
  const { service, name, outcome, skipped, instance } = run;
  return {
    service,
    name,
    tick: tick.getTime(),
    byHand: by_hand,
    at: at.getTime(),
    tookMs: took_ms,
    outcome,
    error: error ?? undefined,
    skipped,
    instance,
  };
}
