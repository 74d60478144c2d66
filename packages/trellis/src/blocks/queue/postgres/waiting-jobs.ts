import type { Sql } from "../../../model/sql.ts";

/** A queue's unfinished jobs, for whoever decides how many instances work them. */
export interface WaitingJobs {
  readonly service: string;
  /** How long the oldest job that could start has waited, in milliseconds; 0 where none could. */
  readonly oldestMs: number;
  readonly running: number;
}

/** Of every service with jobs that run or could, schedules' ticks among them. */
export async function waitingJobs(sql: Sql): Promise<readonly WaitingJobs[]> {
  const rows = await sql.query<{ readonly service: string; readonly oldest_ms: number; readonly running: number }>(
    // A queue is named SERVICE.NAME, the one of a service's ticks SERVICE:schedules.
    `select substring(queue from '^[^.:]+') as service,
       count(*) filter (where state = 'running')::integer as running,
       coalesce(
         extract(epoch from clock_timestamp() - min(run_at) filter (where state <> 'running'))
           * 1000, 0
       )::double precision as oldest_ms
     from trellis.job where state <> 'delayed' or run_at <= clock_timestamp() group by 1`,
  );
  return rows.map(({ service, oldest_ms, running }) => ({ service, oldestMs: Math.max(0, oldest_ms), running }));
}
