import { milliseconds } from "../../model/duration.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Tracing } from "../../model/tracing.ts";
import { scopeOf, type Transaction } from "../../model/transaction.ts";
import type { EnqueueOptions, JobId, JobStatus, Queue } from "./jobs.ts";
import { enqueuedAtOnceMax } from "./limits.ts";
import type { JobQueue, NewJob } from "./port.ts";
import type { QueueForms } from "./queue-forms.ts";

interface HandleParts<Job> {
  readonly unique: ((job: Job) => string) | undefined;
  readonly tracing: Tracing;
  readonly tx?: Transaction;
}

const resultTimeoutMsDefault = 30_000;
const priorityMax = 100;

/** A queue as apps see it: values in, values out. */
export class QueueHandle<Job, Result> implements Queue<Job, Result> {
  readonly #jobs: JobQueue;
  readonly #forms: QueueForms<Job, Result>;
  readonly #parts: HandleParts<Job>;

  constructor(jobs: JobQueue, forms: QueueForms<Job, Result>, parts: HandleParts<Job>) {
    this.#jobs = jobs;
    this.#forms = forms;
    this.#parts = parts;
  }

  in(tx: Transaction): this {
    return new QueueHandle(this.#jobs, this.#forms, { ...this.#parts, tx }) as this;
  }

  async enqueue(job: Job, options: EnqueueOptions = {}): Promise<JobId> {
    const [id] = await this.enqueueMany([job], options);
    return id as JobId;
  }

  async enqueueMany(jobs: readonly Job[], options: EnqueueOptions = {}): Promise<readonly JobId[]> {
    checkOptions(options);
    if (jobs.length > enqueuedAtOnceMax)
      throw new TrellisError("invalid-input", {
        says: `${jobs.length} jobs at once are too many: at most ${enqueuedAtOnceMax}`,
        cure: "Enqueue them in several calls.",
      });
    const trace = this.#parts.tracing.current();
    const given: NewJob[] = [];
    for (const job of jobs) given.push(await this.#newJob(job, trace));
    return this.#jobs.enqueue(given, options, this.#scope());
  }

  cancel(id: JobId): Promise<boolean> {
    return this.#jobs.cancel(id, this.#scope());
  }

  async find(id: JobId): Promise<JobStatus<Result> | undefined> {
    const found = await this.#jobs.find(id);
    if (!found) return undefined;
    const { result, ...status } = found;
    if (result === undefined || !this.#forms.result) return status;
    return { ...status, result: await this.#read(result) };
  }

  async result(
    id: JobId,
    { timeoutMs = resultTimeoutMsDefault, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
  ): Promise<Result> {
    const text = await this.#jobs.result(id, { timeoutMs, signal });
    return text === undefined || !this.#forms.result ? (undefined as Result) : this.#read(text);
  }

  async #newJob(job: Job, trace: string | undefined): Promise<NewJob> {
    const uniqueKey = this.#parts.unique?.(job);
    return { payload: await this.#forms.job.write(job), uniqueKey, trace };
  }

  async #read(text: string): Promise<Result> {
    const read = await this.#forms.result?.read(JSON.parse(text));
    if (read && "value" in read) return read.value;
    const [first] = read?.problems ?? [];
    throw new TrellisError("job-failed", {
      says: `The job's result does not fit what the queue returns now: ${first?.field}: ${first?.problem}`,
      cure: "Make `returns` accept what older releases returned.",
    });
  }

  #scope() {
    const { tx } = this.#parts;
    return tx && scopeOf(tx);
  }
}

function checkOptions({ delay, priority = 0 }: EnqueueOptions): void {
  if (delay !== undefined) milliseconds(delay, "delay");
  if (Number.isInteger(priority) && Math.abs(priority) <= priorityMax) return;
  throw new TrellisError("invalid-input", {
    says: `priority is ${priority}`,
    cure: `Give a whole number from -${priorityMax} to ${priorityMax}.`,
  });
}
