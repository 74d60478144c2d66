import type { Sql } from "../../../model/sql.ts";
import type { DeadJob } from "../port.ts";
import { isJobId } from "./job-id.ts";

export interface DeadAsk {
  readonly queue?: string;
  readonly limit: number;
  readonly before?: string;
}

interface Row {
  readonly id: string;
  readonly queue: string;
  readonly payload: string;
  readonly attempts: number;
  readonly error: string;
  readonly enqueued_at: Date;
  readonly finished_at: Date;
}

const pageMax = 1_000;

/** The latest first. */
export async function deadJobs(sql: Sql, { queue, limit, before }: DeadAsk): Promise<readonly DeadJob[]> {
  if (before !== undefined && !isJobId(before)) return [];
  const page = Math.max(1, Math.min(limit, pageMax));
  const rows = await sql.query<Row>(before === undefined ? latest : older, [
    queue ?? null,
    page,
    ...(before === undefined ? [] : [before]),
  ]);
  return rows.map(({ enqueued_at, finished_at, ...job }) => ({
    ...job,
    enqueuedAt: enqueued_at.getTime(),
    diedAt: finished_at.getTime(),
  }));
}

/** Returns the queues of those that begin anew: not of one whose key another job has by now. */
export async function retryDead(sql: Sql, ids: readonly string[]): Promise<readonly string[]> {
  const rows = await sql.query<{ queue: string }>(retry, [ids.filter(isJobId)]);
  return rows.map(({ queue }) => queue);
}

/** Returns how many were forgotten. */
export async function dropDead(sql: Sql, ids: readonly string[]): Promise<number> {
  const rows = await sql.query(drop, [ids.filter(isJobId)]);
  return rows.length;
}

const page = (condition: string): string => `
  select id, queue, payload, attempts, error, enqueued_at, finished_at from trellis.finished_job
  where state = 'dead' and ($1::text is null or queue = $1) ${condition}
  order by finished_at desc, id desc limit $2`;

const latest = page("");
const older = page("and (finished_at, id) < (select finished_at, id from trellis.finished_job where id = $3)");

/** `epoch` goes on, so that a worker of its former life cannot take it for the job that it had. */
const retry = `
  with revived as (
    insert into trellis.job (id, queue, state, priority, payload, unique_key, trace, epoch, enqueued_at, run_at, error)
    select id, queue, 'ready', priority, payload, unique_key, trace, epoch, enqueued_at, now(), error
    from trellis.finished_job where id = any ($1::uuid[]) and state = 'dead' for update
    on conflict do nothing
    returning id, queue
  ),
  gone as (
    delete from trellis.finished_job where id = any ($1::uuid[]) and id in (select id from revived)
  )
  select queue from revived`;

const drop = "delete from trellis.finished_job where id = any ($1::uuid[]) and state = 'dead' returning id";
