import type { Sql } from "../../../model/sql.ts";
import { purgedAtOnce } from "../limits.ts";

const movedAtOnce = 1_000;
const purgesInARow = 20;

/** What a look at the jobs has changed. */
export interface Cared {
  /** Queues that have jobs which can start now. */
  readonly queues: readonly string[];
  /** When the next job's time comes. Undefined where none waits for its time. */
  readonly nextMs: number | undefined;
}

/** Does what jobs need that nobody holds. Every instance that works does it for all queues; they do not get in each other's way. */
export class Caretaker {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Jobs whose time has come can start. */
  async promote(): Promise<Cared> {
    const queues = new Set<string>();
    for (;;) {
      const [row] = await this.#sql.query<{ queues: readonly string[]; count: number; next_ms: number | null }>(
        promote,
      );
      for (const queue of row?.queues ?? []) queues.add(queue);
      if ((row?.count ?? 0) < movedAtOnce) return { queues: [...queues], nextMs: row?.next_ms ?? undefined };
    }
  }

  /** Buries instances that have been silent for too long, and frees their jobs. Returns the queues of these. */
  async bury(): Promise<readonly string[]> {
    const queues = new Set<string>();
    await this.#sql.query(bury);
    for (;;) {
      const [row] = await this.#sql.query<{ queues: readonly string[]; count: number }>(free);
      for (const queue of row?.queues ?? []) queues.add(queue);
      if ((row?.count ?? 0) < movedAtOnce) break;
    }
    await this.#sql.query(forgetBuried);
    return [...queues];
  }

  /** Removes finished jobs that need not be kept any longer. */
  async purge(): Promise<void> {
    for (let times = 0; times < purgesInARow; times += 1) {
      const [row] = await this.#sql.query<{ count: number }>(purge);
      if ((row?.count ?? 0) < purgedAtOnce) return;
    }
  }
}

const promote = `
  with due as (
    update trellis.job set state = 'ready' where id = any (array(
      select id from trellis.job where state = 'delayed' and run_at <= now()
      order by run_at limit ${movedAtOnce} for update skip locked
    )) returning queue
  )
  select array(select distinct queue from due) as queues, (select count(*)::integer from due) as count, (
    select (extract(epoch from run_at - now()) * 1000)::double precision from trellis.job
    where state = 'delayed' and run_at > now() order by run_at limit 1
  ) as next_ms`;

const bury = `
  update trellis.worker set buried = true where id = any (array(
    select id from trellis.worker where not buried and lease_until < now() for update skip locked
  ))`;

/** One whose completion is being committed right now is locked: what becomes of it is its own transaction's to say. */
const free = `
  with freed as (
    update trellis.job set state = 'ready', worker = null, run_at = now(), error = 'Its worker fell silent'
    where id = any (array(
      select id from trellis.job
      where state = 'running' and worker = any (array(select id from trellis.worker where buried))
      limit ${movedAtOnce} for update skip locked
    )) returning queue
  )
  select array(select distinct queue from freed) as queues, (select count(*)::integer from freed) as count`;

/** Long after any claim that had been under way when its worker was buried: what it brought is freed by `free` until then. */
const forgetBuried = `
  delete from trellis.worker as dead where buried and lease_until < now() - interval '1 hour' and not exists (
    select from trellis.job where job.state = 'running' and job.worker = dead.id
  )`;

/** The names of the queues that have finished jobs: found by leaping through the index, however many jobs there are. */
export const finishedQueues = `
  recursive finished_queue as (
    (select queue from trellis.finished_job where until is not null order by queue limit 1)
    union all
    select (
      select next.queue from trellis.finished_job as next
      where next.until is not null and next.queue > finished_queue.queue order by next.queue limit 1
    ) from finished_queue where finished_queue.queue is not null
  )`;

const purge = `
  with ${finishedQueues},
  gone as (
    delete from trellis.finished_job where id = any (array(
      select old.id from finished_queue cross join lateral (
        select id from trellis.finished_job as one
        where one.queue = finished_queue.queue and one.until < now() limit ${purgedAtOnce} for update skip locked
      ) as old limit ${purgedAtOnce}
    )) returning 1
  )
  select count(*)::integer as count from gone`;
