import type { Sql } from "../../../model/sql.ts";
import type { JobState, JobStatus } from "../jobs.ts";

interface Row {
  readonly id: string;
  readonly state: JobState;
  readonly attempts: number;
  readonly enqueued_at: Date;
  readonly finished_at: Date | null;
  readonly result: string | null;
  readonly error: string | null;
  readonly progress_done: number | null;
  readonly progress_of: number | null;
}

/** What is known of a job, whether it has finished or not. Its result is JSON. */
export async function findJob(sql: Sql, queue: string, id: string): Promise<JobStatus<string> | undefined> {
  const [row] = await sql.query<Row>(find, [id, queue]);
  return (
    row && {
      id: row.id,
      state: row.state,
      attempts: row.attempts,
      enqueuedAt: row.enqueued_at.getTime(),
      ...(row.finished_at && { finishedAt: row.finished_at.getTime() }),
      ...(row.result !== null && { result: row.result }),
      ...(row.error !== null && { error: row.error }),
      ...(row.progress_done !== null &&
        row.progress_of !== null && { progress: { done: row.progress_done, of: row.progress_of } }),
    }
  );
}

/** Which queue a job is, or was, in. */
export async function queueOf(sql: Sql, id: string): Promise<string | undefined> {
  const [row] = await sql.query<{ queue: string }>(
    "select queue from trellis.job where id = $1 union all select queue from trellis.finished_job where id = $1",
    [id],
  );
  return row?.queue;
}

/** Both tables in one statement, which sees a job that is just finishing in one of them. */
const find = `
  select id, case state when 'running' then 'running' else 'waiting' end as state, attempts, enqueued_at,
    null::timestamptz as finished_at, null as result, error, progress_done, progress_of
  from trellis.job where id = $1 and queue = $2
  union all
  select id, state::text, attempts, enqueued_at, finished_at, result, error, null, null
  from trellis.finished_job where id = $1 and queue = $2`;
