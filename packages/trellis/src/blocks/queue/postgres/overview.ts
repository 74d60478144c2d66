import type { Sql } from "../../../model/sql.ts";
import type { QueueOverview } from "../port.ts";
import { finishedQueues } from "./caretaker.ts";

interface Row {
  readonly queue: string;
  readonly waiting: number;
  readonly delayed: number;
  readonly running: number;
  readonly dead: number;
  readonly done: number;
  readonly oldest_ms: number;
}

/** Of finished jobs no more than so many are counted: there may be any number. */
export const doneCountedMax = 10_000;

/** Every queue that has jobs, finished or not. */
export async function overview(sql: Sql): Promise<readonly QueueOverview[]> {
  const rows = await sql.query<Row>(counts);
  return rows.map(({ queue, waiting, delayed, running, dead, done, oldest_ms }) => ({
    queue,
    counts: { waiting: waiting + delayed, running, dead },
    delayed,
    oldestAgeMs: Math.max(0, oldest_ms),
    done,
  }));
}

const counts = `
  with ${finishedQueues},
  live as (
    select queue,
      count(*) filter (where state = 'ready') as waiting,
      count(*) filter (where state = 'delayed') as delayed,
      count(*) filter (where state = 'running') as running,
      extract(epoch from now() - min(run_at) filter (where state = 'ready')) * 1000 as oldest_ms
    from trellis.job group by queue
  ),
  dead as (select queue, count(*) as dead from trellis.finished_job where state = 'dead' group by queue),
  done as (
    select queue, (
      select count(*) from (
        select from trellis.finished_job as one
        where one.queue = finished_queue.queue and one.until is not null limit ${doneCountedMax}
      ) as counted
    ) as done
    from finished_queue where queue is not null
  )
  select queue,
    coalesce(waiting, 0)::integer as waiting, coalesce(delayed, 0)::integer as delayed,
    coalesce(running, 0)::integer as running, coalesce(dead, 0)::integer as dead, coalesce(done, 0)::integer as done,
    coalesce(oldest_ms, 0)::double precision as oldest_ms
  from live full join dead using (queue) full join done using (queue)
  order by queue`;
