import type { Serving } from "../../../model/block.ts";
import type { Clock, Random, Timer } from "../../../model/clock.ts";
import { TrellisError } from "../../../model/errors.ts";
import type { Log } from "../../../model/log.ts";
import { backoffMs } from "../../../policies/backoff.ts";
import { DeadJobError } from "../dead-job-error.ts";
import { claimMax } from "../limits.ts";
import type { JobHandler, JobQueueSettings } from "../port.ts";
import { Attempt } from "./attempt.ts";
import type { Claim, ClaimedRow } from "./claims.ts";
import type { Ending } from "./ending.ts";
import { Endings, type EndingsParts, type WrittenEndings } from "./endings.ts";
import { errorText } from "./error-text.ts";
import type { JobFigures } from "./job-figures.ts";
import { logHindrance } from "./log-hindrance.ts";
import { Pace } from "./pace.ts";

export interface CrewParts extends Pick<EndingsParts, "sql"> {
  readonly settings: JobQueueSettings;
  readonly handler: JobHandler;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly figures: JobFigures;
  /** How long handlers may go on once this crew is to stop. */
  readonly stopMs: number;
  /** The name under which this instance claims. Undefined while the database has not heard of it. */
  worker(): string | undefined;
  claim(worker: string, count: number): Promise<Claim>;
  onProgress(attempt: Attempt, done: number, of: number): void;
  /** Somebody waits for what these jobs come to. */
  onAwaited(ids: readonly string[]): void;
  /** A job's time to be tried again comes so soon. */
  onDelayed(delayMs: number): void;
  /** Jobs can be claimed by anyone. */
  onReleased(): void;
  onStopped(): void;
}

/** How long a handler that was told to end has for it, before its job is given to others. */
const abortGraceMs = 1_000;
/** So many attempts that are not written down yet, and no more jobs are claimed: the database is what is slow. */
const unwrittenMax = 4 * claimMax;

/** Works one queue's jobs on this instance, several at a time. */
export class JobCrew implements Serving {
  readonly #parts: CrewParts;
  readonly #endings: Endings;
  readonly #pace: Pace;
  readonly #running = new Map<string, Attempt>();
  /** Claimed and not yet begun, the next one last. */
  #ready: ClaimedRow[] = [];
  #worker = "";
  #claiming: Promise<void> | undefined;
  /** There may be jobs to claim. */
  #more = true;
  #rateTimer: Timer | undefined;
  #ending = false;
  #stopping: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  constructor(parts: CrewParts) {
    this.#parts = parts;
    this.#pace = new Pace(parts.settings.rate ? 0 : claimMax);
    this.#endings = new Endings({
      ...parts,
      queue: parts.settings.queue,
      keepForMs: parts.settings.keepForMs,
      onWritten: (written) => this.#written(written),
    });
  }

  get queue(): string {
    return this.#parts.settings.queue;
  }

  /** There may be jobs to claim. */
  look(): void {
    this.#more = true;
    this.#claim();
  }

  /** From time to time: what was claimed ahead of a pace that is gone belongs to whoever can begin it. */
  tick(): void {
    const surplus = this.#ready.length - this.#pace.ahead(this.#parts.clock.now());
    if (surplus > 0) this.#giveBack(surplus);
    this.look();
  }

  /** Jobs of this instance, or of others, that are to end. */
  cancel(ids: ReadonlySet<string>): void {
    for (const attempt of [...this.#running.values()]) if (ids.has(attempt.id)) this.#cancelled(attempt);
    this.#ready = this.#ready.filter((row) => {
      if (ids.has(row.id)) this.#close(row, { kind: "cancelled" });
      return !ids.has(row.id);
    });
  }

  /** All that was claimed has gone to others. */
  forget(): void {
    const reason = new TrellisError("lease-lost");
    this.#ready = [];
    for (const attempt of [...this.#running.values()]) {
      if (attempt.end()) this.#parts.figures.count("lost");
      attempt.abort(reason);
      this.#leave(attempt);
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { clock, stopMs, onStopped } = this.#parts;
    this.#ending = true;
    this.#rateTimer?.cancel();
    this.#giveBack(this.#ready.length);
    while (this.#claiming !== undefined) await this.#claiming;
    await this.#idleWithin(stopMs);
    const reason = new TrellisError("unavailable", { says: "This instance is ending" });
    for (const attempt of this.#running.values()) attempt.abort(reason);
    await this.#idleWithin(abortGraceMs);
    for (const attempt of [...this.#running.values()]) this.#finish(attempt, { kind: "released" });
    const impatience = clock.after(abortGraceMs, () => this.#endings.giveUp());
    await this.#endings.written();
    impatience.cancel();
    onStopped();
  }

  #idleWithin(ms: number): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#parts.clock.after(ms, resolve);
      this.#onIdle = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  /** As if they had never been claimed: those that would begin last. */
  #giveBack(count: number): void {
    for (const row of this.#ready.splice(0, count)) this.#close(row, { kind: "released" });
  }

  #claim(): void {
    const worker = this.#parts.worker();
    if (this.#ending || this.#claiming || !this.#more || worker === undefined) return;
    const count = this.#room();
    if (count > 0) this.#claiming = this.#claimJobs(worker, count);
  }

  /** How many jobs to claim now: none while there is enough at hand, so that claims are few and large. */
  #room(): number {
    if (this.#endings.pending > unwrittenMax) return 0;
    const ahead = this.#pace.ahead(this.#parts.clock.now());
    if (this.#ready.length * 2 > ahead) return 0;
    const free = this.#parts.settings.concurrency - this.#running.size;
    return Math.min(claimMax, free + ahead - this.#ready.length);
  }

  async #claimJobs(worker: string, count: number): Promise<void> {
    // What comes to be meanwhile sets it again.
    this.#more = false;
    try {
      const { jobs, waitMs } = await this.#parts.claim(worker, count);
      // A worker that was buried meanwhile holds nothing.
      if (worker === this.#parts.worker()) this.#take(worker, jobs);
      if (jobs.length === count) this.#more = true;
      if (waitMs !== undefined) this.#lookAfter(waitMs);
    } catch (error) {
      // The next look, a tick away at most, tries again.
      logHindrance(this.#parts.log, "Jobs could not be claimed", error);
    } finally {
      this.#claiming = undefined;
    }
    this.#claim();
  }

  #lookAfter(ms: number): void {
    if (this.#ending) return;
    this.#rateTimer?.cancel();
    this.#rateTimer = this.#parts.clock.after(ms, () => this.look());
  }

  #take(worker: string, rows: readonly ClaimedRow[]): void {
    this.#worker = worker;
    this.#ready = [...rows.toReversed(), ...this.#ready];
    if (this.#ending) this.#giveBack(rows.length);
    else this.#beginReady();
  }

  #beginReady(): void {
    const { concurrency } = this.#parts.settings;
    while (this.#running.size < concurrency) {
      const row = this.#ready.pop();
      if (!row) return;
      this.#begin(row);
    }
  }

  /** Ends at once what cannot be begun any more. */
  #begin(row: ClaimedRow): void {
    const attemptsMax = this.#parts.settings.retries + 1;
    if (row.cancelled) this.#close(row, { kind: "cancelled" });
    else if (row.attempts > attemptsMax)
      this.#close(row, { kind: "dead", error: row.error ?? "Its attempts are used up" });
    else this.#attempt(row);
  }

  #attempt(row: ClaimedRow): void {
    const { settings, clock, handler } = this.#parts;
    const attempt = new Attempt(row, {
      worker: this.#worker,
      keepForMs: settings.keepForMs,
      onProgress: this.#parts.onProgress,
      onCompleted: (completed, awaited) => {
        if (awaited) this.#parts.onAwaited([completed.id]);
      },
    });
    attempt.startedAt = clock.now();
    attempt.deadline = clock.after(settings.timeoutMs, () => this.#timedOut(attempt));
    this.#running.set(row.id, attempt);
    run(handler, attempt).then(
      (result) => this.#finish(attempt, { kind: "done", result }),
      (error: unknown) => this.#failed(attempt, error),
    );
  }

  #timedOut(attempt: Attempt): void {
    const { settings } = this.#parts;
    const error = new TrellisError("deadline-exceeded", {
      says: `The attempt took longer than ${settings.timeoutMs} ms`,
    });
    attempt.abort(error);
    this.#finish(attempt, this.#failure(attempt, error));
  }

  #cancelled(attempt: Attempt): void {
    attempt.abort(new TrellisError("job-failed", { says: "The job was cancelled" }));
    this.#finish(attempt, { kind: "cancelled" });
  }

  #failed(attempt: Attempt, error: unknown): void {
    if (attempt.completed) {
      this.#parts.log.error("A handler failed after it had completed its job", { job: attempt.id, error });
      this.#finish(attempt, { kind: "done", result: undefined });
    } else if (this.#ending && attempt.aborted) this.#finish(attempt, { kind: "released" });
    else this.#finish(attempt, this.#failure(attempt, error));
  }

  #failure(attempt: Attempt, cause: unknown): Ending {
    const { settings, random, log } = this.#parts;
    const error = errorText(cause);
    const dead = cause instanceof DeadJobError || attempt.attempt > settings.retries;
    const facts = { queue: this.queue, job: attempt.id, attempt: attempt.attempt, error: cause };
    if (dead) log.error("A job is dead", facts);
    else log.warn("An attempt at a job failed", facts);
    if (dead) return { kind: "dead", error };
    return { kind: "retried", error, delayMs: backoffMs(attempt.attempt, random, settings.backoff) };
  }

  /** The attempt is over, whether its handler is or not: its place is free. */
  #finish(attempt: Attempt, ending: Ending): void {
    if (!attempt.end()) return;
    const { figures, clock, onDelayed } = this.#parts;
    figures.measure(clock.now() - attempt.startedAt);
    this.#pace.note();
    if (attempt.completed) figures.count("done");
    else this.#endings.add({ id: attempt.id, epoch: attempt.epoch, worker: attempt.worker, ending });
    if (ending.kind === "retried") onDelayed(ending.delayMs);
    this.#leave(attempt);
  }

  #leave(attempt: Attempt): void {
    // A job that was taken over may have come back and be running here once more.
    if (this.#running.get(attempt.id) === attempt) this.#running.delete(attempt.id);
    if (this.#running.size === 0) this.#onIdle?.();
    if (this.#ending) return;
    this.#beginReady();
    this.#claim();
  }

  /** Ends a claim that was never begun. */
  #close({ id, epoch }: ClaimedRow, ending: Ending): void {
    this.#endings.add({ id, epoch, worker: this.#worker, ending });
  }

  #written({ kind, count, awaited, lost }: WrittenEndings): void {
    const { figures, log, onAwaited, onReleased } = this.#parts;
    if (awaited.length > 0) onAwaited(awaited);
    if (lost > 0) log.warn("Jobs were taken over by another worker before they were done", { queue: this.queue, lost });
    figures.count("lost", lost);
    figures.count(kind, count);
    if (kind === "released") onReleased();
    this.#claim();
  }
}

/** Also what is thrown at once is a rejection. */
async function run(handler: JobHandler, attempt: Attempt): Promise<string | undefined> {
  return handler(attempt);
}
