import type { Duration } from "../../model/duration.ts";
import type { Infer, Schema } from "../../model/schema.ts";
import type { Transactional } from "../../model/transaction.ts";

/** Names a job for as long as anything of it is kept. */
export type JobId = string & { readonly __job?: true };

/** Work that is done after the answer, in some worker, at least until it has succeeded once. */
export interface Queue<Job, Result = void> extends Transactional {
  /** Resolves when the job can no longer be lost; on `in(tx)`: it exists when `tx` commits, or never did. */
  enqueue(job: Job, options?: EnqueueOptions): Promise<JobId>;
  /** In one statement. The ids are in the order of the jobs. */
  enqueueMany(jobs: readonly Job[], options?: EnqueueOptions): Promise<readonly JobId[]>;
  /** Takes back what has not begun; aborts the `signal` of what has. False where there is nothing to cancel. */
  cancel(id: JobId): Promise<boolean>;
  find(id: JobId): Promise<JobStatus<Result> | undefined>;
  /**
   * The job's result as soon as it has one. Throws `job-failed` when it is dead or cancelled, `deadline-exceeded`
   * when `timeoutMs` (30,000 unless said otherwise) is over, `unknown-job` where nothing is known of it any more.
   */
  result(id: JobId, options?: { readonly timeoutMs?: number; readonly signal?: AbortSignal }): Promise<Result>;
}

export interface EnqueueOptions {
  /** Not before this long from now. */
  readonly delay?: Duration;
  /** Of the jobs that could start, those of the highest priority start first: -100 to 100, 0 unless said otherwise. */
  readonly priority?: number;
}

export type JobState = "waiting" | "running" | "done" | "dead" | "cancelled";

export interface JobStatus<Result> {
  readonly id: JobId;
  readonly state: JobState;
  /** How often it has been begun. */
  readonly attempts: number;
  readonly progress?: { readonly done: number; readonly of: number };
  /** Milliseconds since 1970. */
  readonly enqueuedAt: number;
  readonly finishedAt?: number;
  readonly result?: Result;
  /** Of the last attempt that failed. */
  readonly error?: string;
}

export interface QueueOptions<Job, Result extends Schema = Schema> {
  /** Attempts after the first one: 5 unless said otherwise. Then the job is dead: kept, to be looked at and retried. */
  readonly retries?: number;
  /** The pause before the first retry, doubled for each further one, with jitter: `1s` to `1h` unless said otherwise. */
  readonly backoff?: { readonly base: Duration; readonly cap: Duration };
  /** An attempt that takes longer is aborted and counts as failed: `5m` unless said otherwise. */
  readonly timeout?: Duration;
  /** A job whose key equals that of one that has not finished is not enqueued: its id is that one's. */
  readonly unique?: (job: Job) => string;
  /** Jobs at once in one instance: 16 unless said otherwise. */
  readonly concurrency?: number;
  /** Jobs that start in all instances together: `{ jobs: 10, every: "1s" }`. */
  readonly rate?: { readonly jobs: number; readonly every: Duration };
  /** What its handler returns. */
  readonly returns?: Result;
  /** How long finished jobs and their results are kept: `1d` unless said otherwise. Dead ones are kept until somebody decides. */
  readonly keepFor?: Duration;
  /** Makes a job of today's shape from the payload of an older one. What still does not fit the schema is dead, with the reason. */
  readonly upcast?: (old: unknown) => unknown;
}

/** What the handler of a queue returns: nothing where no `returns` was given. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing is `Promise<void>`.
export type ResultOf<R extends Schema> = Schema extends R ? void : Infer<R>;
