import type { Serving } from "../../../model/block.ts";
import type { Clock, Random, Timer } from "../../../model/clock.ts";
import { TrellisError } from "../../../model/errors.ts";
import type { Log } from "../../../model/log.ts";
import type { Metrics } from "../../../model/metrics.ts";
import type { Wakes } from "../../../model/wakes.ts";
import { leaseMs, stopMsDefault, tickMs } from "../limits.ts";
import type { DeadJob, JobHandler, JobQueue, JobQueueSettings, QueueEngine, QueueOverview } from "../port.ts";
import type { Attempt } from "./attempt.ts";
import { Caretaker } from "./caretaker.ts";
import { claim, claimWithin, prepareRate } from "./claims.ts";
import { type DeadAsk, deadJobs, dropDead, retryDead } from "./dead-jobs.ts";
import { watchDepth } from "./depth-gauges.ts";
import { JobCrew } from "./job-crew.ts";
import type { JobDatabase } from "./job-database.ts";
import { JobFigures } from "./job-figures.ts";
import { isJobId, JobIds } from "./job-id.ts";
import { queueOf } from "./job-look.ts";
import { logHindrance } from "./log-hindrance.ts";
import { overview } from "./overview.ts";
import { PostgresQueue } from "./postgres-queue.ts";
import { ProgressNotes } from "./progress-notes.ts";
import { endedTopic } from "./result-waits.ts";
import { cancelTopic, dueTopic, readyTopic } from "./topics.ts";
import { WorkerLease } from "./worker-lease.ts";

export interface QueueEngineOptions {
  readonly database: JobDatabase;
  readonly wakes: Wakes;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The name of this instance, for people. */
  readonly instance: string;
  /** How long handlers may go on once they are to stop: 10 s unless said otherwise. */
  readonly stopMs?: number;
  /** How often it is looked for what nothing woke it for: 1 s unless said otherwise. */
  readonly tickMs?: number;
}

/** The queues' tables. Run them before the engine is opened. */
export const queueMigrations = {
  owner: "trellis:queue",
  schema: "trellis",
  folder: import.meta.resolve("../migrations/"),
} as const;

/** Jobs in PostgreSQL. Asks nothing of the database until something is enqueued or worked. */
export function openQueueEngine(options: QueueEngineOptions): QueueEngine {
  return new PostgresQueueEngine(options);
}

class PostgresQueueEngine implements QueueEngine {
  readonly #options: QueueEngineOptions;
  readonly #ids: JobIds;
  readonly #lease: WorkerLease;
  readonly #caretaker: Caretaker;
  readonly #progress: ProgressNotes;
  readonly #crews = new Map<string, JobCrew>();
  readonly #unsubscribes: (() => void)[] = [];
  #tickTimer: Timer | undefined;
  #dueTimer: Timer | undefined;
  #caring: Promise<void> | undefined;
  #promoting: Promise<void> | undefined;
  #promoteAgain = false;
  /** When this instance could last not reach the database. */
  #cutOffAtMs: number | undefined;
  #closed = false;

  constructor(options: QueueEngineOptions) {
    this.#options = options;
    const { database, clock, log, instance } = options;
    this.#ids = new JobIds(clock);
    this.#caretaker = new Caretaker(database.platform);
    this.#progress = new ProgressNotes(database.platform);
    this.#lease = new WorkerLease({
      sql: database.platform,
      name: instance,
      log,
      onLost: () => this.#eachCrew((crew) => crew.forget()),
      onCancelled: (ids) => this.#eachCrew((crew) => crew.cancel(ids)),
    });
  }

  open(settings: JobQueueSettings): JobQueue {
    const { database, wakes, clock } = this.#options;
    return new PostgresQueue({
      settings,
      database,
      wakes,
      clock,
      ids: this.#ids,
      work: (handler) => this.#work(settings, handler),
    });
  }

  overview(): Promise<readonly QueueOverview[]> {
    return overview(this.#options.database.platform);
  }

  async queueOf(id: string): Promise<string | undefined> {
    return isJobId(id) ? queueOf(this.#options.database.platform, id) : undefined;
  }

  dead(ask: DeadAsk): Promise<readonly DeadJob[]> {
    return deadJobs(this.#options.database.platform, ask);
  }

  async retryDead(ids: readonly string[]): Promise<number> {
    const queues = await retryDead(this.#options.database.platform, ids);
    for (const queue of new Set(queues)) this.#options.wakes.wake(readyTopic(queue));
    return queues.length;
  }

  dropDead(ids: readonly string[]): Promise<number> {
    return dropDead(this.#options.database.platform, ids);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#tickTimer?.cancel();
    this.#dueTimer?.cancel();
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
    await Promise.all([...this.#crews.values()].map((crew) => crew.stop()));
    await Promise.allSettled([this.#caring, this.#promoting]);
    // Where the database is away, the lease runs out by itself.
    await this.#lease.end().catch(() => undefined);
  }

  #work(settings: JobQueueSettings, handler: JobHandler): Serving {
    const { queue } = settings;
    if (this.#crews.has(queue)) throw new TrellisError("invalid-app", { says: `${queue} is worked twice here` });
    const crew = this.#newCrew(settings, handler);
    if (this.#crews.size === 0) this.#begin();
    this.#crews.set(queue, crew);
    this.#unsubscribes.push(this.#options.wakes.on(readyTopic(queue), () => crew.look()));
    crew.look();
    return crew;
  }

  #newCrew(settings: JobQueueSettings, handler: JobHandler): JobCrew {
    const { database, metrics, wakes, clock, random, log, stopMs = stopMsDefault } = this.#options;
    const { queue, rate } = settings;
    let ratePrepared = false;
    return new JobCrew({
      settings,
      handler,
      sql: database.platform,
      clock,
      random,
      log,
      stopMs,
      figures: new JobFigures(metrics, queue),
      worker: () => this.#lease.id,
      claim: async (worker, count) => {
        if (!rate) return claim(database.platform, queue, worker, count);
        if (!ratePrepared) await prepareRate(database.platform, queue);
        ratePrepared = true;
        return claimWithin(rate, database, queue, worker, count);
      },
      onProgress: (attempt: Attempt, done, of) => this.#progress.note(attempt, done, of),
      onAwaited: (ids) => {
        for (const id of ids) wakes.wake(endedTopic(id));
      },
      onDelayed: (delayMs) => this.#promoteAfter(delayMs),
      onReleased: () => wakes.wake(readyTopic(queue)),
      onStopped: () => this.#crews.delete(queue),
    });
  }

  /** The first queue is worked here. */
  #begin(): void {
    const { wakes, metrics } = this.#options;
    if (this.#unsubscribes.length > 0) return;
    watchDepth(metrics, () => this.overview());
    this.#unsubscribes.push(
      wakes.on(dueTopic, () => this.#promote()),
      wakes.on(cancelTopic, () => void this.#beat()),
    );
    this.#tick();
  }

  /** The next one does not wait for this one: whatever takes long, this instance says in time that it lives. */
  #tick(): void {
    this.#tickTimer = this.#options.clock.after(this.#options.tickMs ?? tickMs, () => this.#tick());
    this.#caring ??= this.#look().finally(() => {
      this.#caring = undefined;
    });
    void this.#beat();
  }

  async #look(): Promise<void> {
    if (await this.#beat()) await this.#care();
    this.#eachCrew((crew) => crew.tick());
  }

  /** False where the database cannot be reached. */
  async #beat(): Promise<boolean> {
    try {
      await this.#lease.beat();
      return true;
    } catch (error) {
      this.#cutOffAtMs = this.#options.clock.now();
      logHindrance(this.#options.log, "The database cannot be told that this instance works", error);
      return false;
    }
  }

  async #care(): Promise<void> {
    const { wakes } = this.#options;
    try {
      await this.#progress.write();
      if (this.#mayJudge()) for (const queue of await this.#caretaker.bury()) wakes.wake(readyTopic(queue));
      this.#promote();
      await this.#caretaker.purge();
    } catch (error) {
      logHindrance(this.#options.log, "Jobs cannot be looked after", error);
    }
  }

  /** When the database was away all leases have run out: whoever was cut off gives the others time to say that they live. */
  #mayJudge(): boolean {
    return this.#cutOffAtMs === undefined || this.#options.clock.now() - this.#cutOffAtMs >= leaseMs;
  }

  #promoteAfter(delayMs: number): void {
    if (delayMs >= (this.#options.tickMs ?? tickMs) || this.#closed) return;
    this.#options.clock.after(delayMs, () => this.#promote());
  }

  #promote(): void {
    if (this.#closed) return;
    this.#promoteAgain = true;
    this.#promoting ??= this.#promoteAll().finally(() => {
      this.#promoting = undefined;
    });
  }

  async #promoteAll(): Promise<void> {
    const { wakes, log, clock } = this.#options;
    while (this.#promoteAgain && !this.#closed) {
      this.#promoteAgain = false;
      try {
        const { queues, nextMs } = await this.#caretaker.promote();
        for (const queue of queues) wakes.wake(readyTopic(queue));
        this.#dueTimer?.cancel();
        if (nextMs !== undefined && nextMs < (this.#options.tickMs ?? tickMs))
          this.#dueTimer = clock.after(Math.ceil(nextMs), () => this.#promote());
      } catch (error) {
        logHindrance(log, "Jobs whose time has come cannot be started", error);
      }
    }
  }

  #eachCrew(run: (crew: JobCrew) => void): void {
    for (const crew of [...this.#crews.values()]) run(crew);
  }
}
