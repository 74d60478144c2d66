import type { EngineName, Serving } from "../../model/block.ts";
import type { Transaction, TransactionScope } from "../../model/transaction.ts";
import type { EnqueueOptions, JobState, JobStatus } from "./jobs.ts";

/** The app's jobs, in PostgreSQL. Opened once per instance. */
export interface QueueEngine {
  open(settings: JobQueueSettings): JobQueue;
  overview(): Promise<readonly QueueOverview[]>;
  /** The queue of a job, whether it has finished or not. Undefined where nothing is known of it any more. */
  queueOf(id: string): Promise<string | undefined>;
  /** Dead jobs, the latest first. `before`: the id that the page before ended with. */
  dead(ask: { readonly queue?: string; readonly limit: number; readonly before?: string }): Promise<readonly DeadJob[]>;
  /** Begins them anew, with all their attempts. Returns how many there were. */
  retryDead(ids: readonly string[]): Promise<number>;
  /** Forgets them. Returns how many there were. */
  dropDead(ids: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

export const queueEngine: EngineName<QueueEngine> = "queue";

export interface JobQueueSettings {
  /** `SERVICE.NAME`. */
  readonly queue: string;
  readonly service: string;
  readonly retries: number;
  readonly backoff: { readonly baseMs: number; readonly capMs: number };
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly rate?: { readonly jobs: number; readonly everyMs: number };
  readonly keepForMs: number;
}

/** One queue in JSON: what its handle encodes and decodes. */
export interface JobQueue {
  /** Ids in the order of the jobs. `on`: the inside of a transaction; else autocommit. */
  enqueue(jobs: readonly NewJob[], options: EnqueueOptions, on?: TransactionScope): Promise<readonly string[]>;
  cancel(id: string, on?: TransactionScope): Promise<boolean>;
  /** The result in it is JSON. */
  find(id: string): Promise<JobStatus<string> | undefined>;
  /**
   * What the job came to, as soon as that is known: JSON, or undefined where it has no result. Throws `job-failed`,
   * `unknown-job` or `deadline-exceeded`; what `signal` was aborted with.
   */
  result(id: string, patience: ResultPatience): Promise<string | undefined>;
  /** Hands jobs to `handler`, several at a time, until it is stopped. */
  work(handler: JobHandler): Serving;
}

export interface ResultPatience {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface NewJob {
  /** JSON. */
  readonly payload: string;
  readonly uniqueKey?: string | undefined;
  /** `traceparent` of what caused it. */
  readonly trace?: string | undefined;
}

export interface ClaimedJob {
  readonly id: string;
  readonly payload: string;
  readonly attempt: number;
  readonly trace: string | undefined;
  readonly signal: AbortSignal;
  progress(done: number, of: number): void;
  /** Completes the job with `result` (JSON) when `tx` commits. Throws `lease-lost` where another worker has it by now. */
  complete(tx: Transaction, result?: string): Promise<void>;
}

/** Returns the result as JSON. What it throws is a failed attempt; a `DeadJobError` kills the job at once. */
export type JobHandler = (job: ClaimedJob) => Promise<string | undefined>;

export interface QueueOverview {
  readonly queue: string;
  readonly counts: Readonly<Record<Exclude<JobState, "done" | "cancelled">, number>>;
  /** Waiting jobs whose time has not come. */
  readonly delayed: number;
  /** How long the oldest job that could start has been waiting. */
  readonly oldestAgeMs: number;
  /** Finished, of those that are still kept; 10,000 where there are more. */
  readonly done: number;
}

export interface DeadJob {
  readonly id: string;
  readonly queue: string;
  readonly payload: string;
  readonly attempts: number;
  readonly error: string;
  /** Milliseconds since 1970. */
  readonly enqueuedAt: number;
  readonly diedAt: number;
}
