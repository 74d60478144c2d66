import type { Sql } from "../../../model/sql.ts";
import { scopeOf } from "../../../model/transaction.ts";
import { claimMax } from "../limits.ts";
import type { JobDatabase } from "./job-database.ts";

/** A job that this instance has claimed, as the table has it. */
export interface ClaimedRow {
  readonly id: string;
  readonly payload: string;
  readonly priority: number;
  readonly attempts: number;
  readonly epoch: number;
  readonly trace: string | null;
  readonly cancelled: boolean;
  readonly error: string | null;
}

export interface Claim {
  readonly jobs: readonly ClaimedRow[];
  /** Where the queue's rate allows no more for now: how long until it does. */
  readonly waitMs?: number;
}

export interface Rate {
  readonly jobs: number;
  readonly everyMs: number;
}

/** Claims up to `count` jobs for `worker`, those of the highest priority first, then those that came first. */
export async function claim(sql: Sql, queue: string, worker: string, count: number): Promise<Claim> {
  return { jobs: inOrder(await sql.query<ClaimedRow>(claimJobs, [queue, count, worker])) };
}

/** The same within the rate that all instances share. A queue with a rate is claimed by one instance at a time. */
export async function claimWithin(
  rate: Rate,
  database: JobDatabase,
  ...[queue, worker, count]: readonly [queue: string, worker: string, count: number]
): Promise<Claim> {
  return database.transaction(async (tx) => {
    const sql = scopeOf(tx);
    const [held] = await sql.query<{ used: number; next_ms: number }>(holdRate, [queue, rate.everyMs, rate.jobs]);
    const free = rate.jobs - (held?.used ?? 0);
    if (free <= 0) return { jobs: [], waitMs: Math.max(1, Math.ceil(held?.next_ms ?? rate.everyMs)) };
    const claimed = await claim(sql, queue, worker, Math.min(free, count));
    if (claimed.jobs.length > 0) await sql.query(noteStarts, [queue, rate.everyMs, claimed.jobs.length]);
    return claimed;
  });
}

/** Makes room for the queue's starts. */
export async function prepareRate(sql: Sql, queue: string): Promise<void> {
  await sql.query("insert into trellis.job_rate (queue) values ($1) on conflict do nothing", [queue]);
}

/** `returning` gives them in any order. */
function inOrder(rows: readonly ClaimedRow[]): readonly ClaimedRow[] {
  return rows.toSorted((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
}

/**
 * The inner limit is a constant, so that every plan walks the index and stops; the outer one takes no more than asked,
 * and no more are locked. A worker that was buried, and has not heard of it, gets none. A claim that a crash of the server
 * undoes does no harm, so its commit need not wait for the disk.
 */
export const claimJobs = `
  update trellis.job
  set state = 'running', worker = $3, epoch = epoch + 1, attempts = attempts + 1
  where id = any (array(
    select id from (
      select id from trellis.job where queue = $1 and state = 'ready'
      order by priority desc, id limit ${claimMax} for update skip locked
    ) as first limit $2
  )) and (select set_config('synchronous_commit', 'off', true) from trellis.worker where id = $3 and not buried) = 'off'
  returning id, payload, priority, attempts, epoch, trace, cancelled, error`;

const holdRate = `
  select
    (select count(*)::integer from unnest(starts) as start
      where start > clock_timestamp() - $2::double precision * interval '1 ms') as used,
    (extract(epoch from starts[cardinality(starts) - $3 + 1] - clock_timestamp()) * 1000)::double precision
      + $2::double precision as next_ms
  from trellis.job_rate where queue = $1 for update`;

const noteStarts = `
  update trellis.job_rate
  set starts = array(
    select start from unnest(starts) as start where start > clock_timestamp() - $2::double precision * interval '1 ms'
  ) || array_fill(clock_timestamp(), array[$3::integer])
  where queue = $1`;
