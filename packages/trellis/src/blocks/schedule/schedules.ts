import type { Serving } from "../../model/block.ts";
import type { Clock, Random } from "../../model/clock.ts";
import type { Log } from "../../model/log.ts";
import type { Metrics } from "../../model/metrics.ts";
import type { Tracing } from "../../model/tracing.ts";
import { scopeOf } from "../../model/transaction.ts";
import type { DeclaredSchedule, OpenSchedule } from "./declared-schedule.ts";
import { Firing } from "./firing.ts";
import type { ScheduleEngine, ScheduleOverview, ScheduleRun, TickQueue } from "./port.ts";
import type { ScheduleDatabase } from "./schedule-database.ts";
import { ScheduleTable } from "./schedule-table.ts";
import { TickRunner } from "./tick-runner.ts";

export interface SchedulesOptions {
  /** Those that can run here. */
  readonly schedules: readonly OpenSchedule[];
  /** Those that other instances run: they can be looked at here, and asked for. */
  readonly elsewhere?: readonly Omit<DeclaredSchedule, "run">[];
  readonly database: ScheduleDatabase;
  readonly queue: TickQueue;
  readonly clock: Clock;
  /** Says what time it is instead of the database's clock: for tests, which move it. */
  readonly judge?: () => number;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly instance: string;
}

/** The schedule block's tables. Run them before it is opened. */
export const scheduleMigrations = {
  owner: "trellis:schedule",
  schema: "trellis",
  folder: import.meta.resolve("./migrations/"),
} as const;

/** Runs of each schedule that an overview has. */
const runsShown = 10;

/** Opens nothing by itself: the times are fired and run between `start` and its `stop`. */
export function openSchedules(options: SchedulesOptions): ScheduleEngine {
  return new Schedules(options);
}

class Schedules implements ScheduleEngine {
  readonly #options: SchedulesOptions;
  readonly #table: ScheduleTable;
  readonly #firing: Firing;

  constructor(options: SchedulesOptions) {
    this.#options = options;
    this.#table = new ScheduleTable(options.judge);
    this.#firing = new Firing({ ...options, table: this.#table });
  }

  async start(): Promise<Serving> {
    const { schedules, queue } = this.#options;
    const runner = new TickRunner({ ...this.#options, table: this.#table });
    const services = [...new Set(schedules.map(({ service }) => service))];
    const servings = services.map((service) => queue.work(service, (claimed) => runner.run(claimed)));
    await this.#firing.start();
    return {
      stop: async () => {
        await this.#firing.stop();
        await Promise.all(servings.map((serving) => serving.stop()));
      },
    };
  }

  async overview(): Promise<readonly ScheduleOverview[]> {
    const { database } = this.#options;
    const schedules = this.#known();
    const services = [...new Set(schedules.map(({ service }) => service))];
    if (services.length === 0) return [];
    const [look, runs] = await Promise.all([
      this.#table.look(database.platform, services),
      this.#table.runs(database.platform, services, runsShown),
    ]);
    return schedules.map(({ service, name, timetable, missed }) => {
      const its = (one: { readonly service: string; readonly name: string }): boolean =>
        one.service === service && one.name === name;
      const { spec, zone } = timetable;
      return {
        service,
        name,
        spec,
        zone,
        missed,
        next: nextTimes(timetable.after, look.now, 3),
        runningSince: look.rows.find(its)?.runningSince,
        runs: runs.filter(its).map(withoutKey),
      };
    });
  }

  async runNow(service: string, name: string): Promise<boolean | undefined> {
    const { database, queue } = this.#options;
    const schedule = this.#known().find((one) => one.service === service && one.name === name);
    if (!schedule) return undefined;
    const { now, rows } = await this.#table.look(database.platform, [service]);
    if (!rows.some((row) => row.name === name)) await this.#firing.register([schedule], now);
    return database.transaction(async (tx) => {
      const look = await this.#table.lock(scopeOf(tx), schedule);
      const tick = { service, name, at: look.now, byHand: true };
      const job = await queue.enqueue(tick, tx);
      if (job === look.rows[0]?.job) return false;
      await this.#table.fired(scopeOf(tx), tick, job);
      return true;
    });
  }

  #known(): readonly Omit<DeclaredSchedule, "run">[] {
    const { schedules, elsewhere = [] } = this.#options;
    return [...schedules, ...elsewhere];
  }
}

function nextTimes(after: (moment: number) => number, from: number, count: number): readonly number[] {
  const times: number[] = [];
  for (let at = after(from); times.length < count; at = after(at)) times.push(at);
  return times;
}

function withoutKey({ service: _, name: __, ...run }: ScheduleRun & { service: string; name: string }): ScheduleRun {
  return run;
}
