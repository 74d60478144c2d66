import type { Serving } from "../../../model/block.ts";
import { milliseconds } from "../../../model/duration.ts";
import { TrellisError } from "../../../model/errors.ts";
import type { TransactionScope } from "../../../model/transaction.ts";
import type { EnqueueOptions, JobStatus } from "../jobs.ts";
import type { JobHandler, JobQueue, JobQueueSettings, NewJob, ResultPatience } from "../port.ts";
import { Batches } from "./batches.ts";
import { cancelJob } from "./job-cancel.ts";
import type { JobDatabase } from "./job-database.ts";
import { isJobId, type JobIds } from "./job-id.ts";
import { type InsertedJob, insertJobs } from "./job-inserts.ts";
import { findJob } from "./job-look.ts";
import { endedTopic, type WaitParts, waitForResult } from "./result-waits.ts";
import { cancelTopic, dueTopic, readyTopic } from "./topics.ts";

export interface PostgresQueueParts extends Pick<WaitParts, "wakes" | "clock"> {
  readonly settings: JobQueueSettings;
  readonly database: JobDatabase;
  readonly ids: JobIds;
  work(handler: JobHandler): Serving;
}

/** A call that brings more jobs, or larger ones, has a statement of its own: others do not wait for it. */
const gatheredMax = 1_000;
const gatheredCharactersMax = 4_000;

/** One queue in PostgreSQL, as any instance sees it. */
export class PostgresQueue implements JobQueue {
  readonly #parts: PostgresQueueParts;
  readonly #inserts: Batches<InsertedJob, string>;

  constructor(parts: PostgresQueueParts) {
    this.#parts = parts;
    const { database, settings } = parts;
    this.#inserts = new Batches(gatheredMax, (jobs) => insertJobs(database.platform, settings.queue, jobs, false));
  }

  async enqueue(given: readonly NewJob[], options: EnqueueOptions, on?: TransactionScope): Promise<readonly string[]> {
    if (given.length === 0) return [];
    const { database, settings, ids } = this.#parts;
    const { priority = 0 } = options;
    const delayMs = options.delay === undefined ? 0 : milliseconds(options.delay, "delay");
    const jobs = given.map((job) => ({ ...job, id: ids.next(), priority, delayMs }));
    if (on) {
      const inserted = await insertJobs(on, settings.queue, jobs, true);
      on.afterCommit(() => this.#wakeFor(delayMs));
      return inserted;
    }
    this.#refuseInsideTransaction("A job was enqueued");
    const inserted =
      jobs.length > gatheredMax || jobs.some(({ payload }) => payload.length > gatheredCharactersMax)
        ? await insertJobs(database.platform, settings.queue, jobs, false)
        : await Promise.all(jobs.map((job) => this.#inserts.add(job)));
    this.#wakeFor(delayMs);
    return inserted;
  }

  async cancel(id: string, on?: TransactionScope): Promise<boolean> {
    if (!isJobId(id)) return false;
    const { database, settings, wakes } = this.#parts;
    if (!on) this.#refuseInsideTransaction("A job was cancelled");
    const { queue, keepForMs } = settings;
    const outcome = await cancelJob(on ?? database.platform, { id, queue, keepForMs, inTransaction: on !== undefined });
    const tell = (): void => {
      if (outcome === "asked") wakes.wake(cancelTopic);
      else wakes.wake(endedTopic(id));
    };
    if (outcome === "nothing") return false;
    if (on) on.afterCommit(tell);
    else tell();
    return true;
  }

  find(id: string): Promise<JobStatus<string> | undefined> {
    const { database, settings } = this.#parts;
    return isJobId(id) ? findJob(database.platform, settings.queue, id) : Promise.resolve(undefined);
  }

  result(id: string, patience: ResultPatience): Promise<string | undefined> {
    const { database, wakes, clock } = this.#parts;
    return waitForResult(id, patience, {
      sql: database.platform,
      wakes,
      clock,
      find: (of) => this.find(of),
      onMarked: () => this.#wakeFor(0),
    });
  }

  work(handler: JobHandler): Serving {
    return this.#parts.work(handler);
  }

  #wakeFor(delayMs: number): void {
    const { wakes, settings } = this.#parts;
    wakes.wake(delayMs > 0 ? dueTopic : readyTopic(settings.queue));
  }

  #refuseInsideTransaction(says: string): void {
    const { database, settings } = this.#parts;
    if (!database.openTransactionHere(settings.service)) return;
    throw new TrellisError("outside-transaction", {
      says: `${says} outside of the transaction that is open here`,
      cure: "Write `queue.in(tx)` instead of `queue`, so that it takes effect with the transaction, or not at all.",
    });
  }
}
