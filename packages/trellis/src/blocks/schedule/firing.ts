import type { Clock, Timer } from "../../model/clock.ts";
import type { Log } from "../../model/log.ts";
import { scopeOf } from "../../model/transaction.ts";
import type { OpenSchedule } from "./declared-schedule.ts";
import { lookMsMax, onTimeMs } from "./limits.ts";
import type { TickQueue } from "./port.ts";
import type { ScheduleDatabase } from "./schedule-database.ts";
import type { Look, ScheduleRow, ScheduleTable } from "./schedule-table.ts";

export interface FiringParts {
  readonly schedules: readonly OpenSchedule[];
  readonly table: ScheduleTable;
  readonly database: ScheduleDatabase;
  readonly queue: TickQueue;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often an instance says that it still has its schedules as they are. */
const touchMs = 20_000;
/** When nobody has said so for longer, an instance that has a schedule otherwise makes it its own. */
const abandonedMs = 60_000;
/** A time that was fired further in the future than this says that the clock has been set back. */
const clockBackMs = 3_600_000;

/** Looks when a time comes, and puts it into the queue: once, whichever instance is the first. */
export class Firing {
  readonly #parts: FiringParts;
  readonly #services: readonly string[];
  #timer: Timer | undefined;
  #looking: Promise<void> | undefined;
  #first = true;
  #stopped = false;

  constructor(parts: FiringParts) {
    this.#parts = parts;
    this.#services = [...new Set(parts.schedules.map(({ service }) => service))];
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    if (this.#parts.schedules.length > 0) this.#lookNow();
    await this.#looking;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#looking;
  }

  /** Makes or adopts the rows of the schedules that are given; for a schedule that nobody has fired yet, too. */
  async register(schedules: readonly Omit<OpenSchedule, "run">[], now: number): Promise<void> {
    const { table, database } = this.#parts;
    for (const schedule of schedules)
      await table.register(database.platform, schedule, specOf(schedule), schedule.timetable.after(now), true);
  }

  #lookNow(): void {
    this.#looking = this.#look()
      .catch((error: unknown) => {
        this.#parts.log.warn("The schedules could not be looked at", { error });
        return lookMsMax;
      })
      .then((delayMs) => {
        if (!this.#stopped) this.#timer = this.#parts.clock.after(delayMs, () => this.#lookNow());
      });
  }

  /** Returns when to look again. */
  async #look(): Promise<number> {
    const { schedules, table, database, clock } = this.#parts;
    const begun = clock.now();
    const look = await table.look(database.platform, this.#services);
    await this.#claimRows(look);
    for (const schedule of schedules) {
      if (this.#stopped) break;
      const row = rowOf(schedule, look);
      if (row?.spec !== specOf(schedule)) continue;
      // One that cannot be fired now keeps no other from it.
      await this.#bringUpToDate(schedule, row, look).catch((error: unknown) => {
        this.#parts.log.warn("A schedule could not be fired", { schedule: `${row.service}.${row.name}`, error });
      });
    }
    const next = Math.min(...schedules.map(({ timetable }) => timetable.after(look.now)));
    return Math.min(lookMsMax, Math.max(0, next - look.now - (clock.now() - begun)));
  }

  /** Whoever starts last decides what a schedule's times are; when those have ended, whoever is left. */
  async #claimRows(look: Look): Promise<void> {
    const foreign = this.#parts.schedules.filter((schedule) => {
      const row = rowOf(schedule, look);
      if (!row) return true;
      return row.spec !== specOf(schedule) && (this.#first || look.now - row.seenAt > abandonedMs);
    });
    if (foreign.length > 0) await this.register(foreign, look.now);
    const own = this.#parts.schedules.filter((schedule) => {
      const row = rowOf(schedule, look);
      return row?.spec === specOf(schedule) && look.now - row.seenAt > touchMs;
    });
    if (own.length > 0) await this.#parts.table.touch(this.#parts.database.platform, own);
    this.#first = false;
  }

  async #bringUpToDate(schedule: OpenSchedule, row: ScheduleRow, look: Look): Promise<void> {
    if (row.lastTick !== undefined && row.lastTick - look.now > clockBackMs) await this.#startAnew(schedule, row, look);
    else if (row.nextTick <= look.now) await this.#fire(schedule);
  }

  async #startAnew(schedule: OpenSchedule, row: ScheduleRow, { now }: Look): Promise<void> {
    const { table, database, log } = this.#parts;
    log.warn("The clock has been set back: a schedule begins anew", { schedule: `${row.service}.${row.name}` });
    await table.forgetFuture(database.platform, row, schedule.timetable.after(now));
  }

  async #fire(schedule: OpenSchedule): Promise<void> {
    const { table, database, queue } = this.#parts;
    await database.transaction(async (tx) => {
      const sql = scopeOf(tx);
      const { now, rows } = await table.lock(sql, schedule);
      const [row] = rows;
      // Another instance may have been first.
      if (!row || row.spec !== specOf(schedule) || row.nextTick > now) return;
      await table.moveTo(sql, schedule, schedule.timetable.after(now));
      const at = tickToFire(schedule, row.nextTick, now);
      if (at === undefined) return;
      const tick = { service: schedule.service, name: schedule.name, at, byHand: false };
      const job = await queue.enqueue(tick, tx);
      if (job === row.job) await table.leftOut(sql, tick);
      else await table.fired(sql, tick, job);
    });
  }
}

/** Of the times that have come by `now`, the one that is run, if any: the last stands for those before it. */
function tickToFire({ timetable, missed }: OpenSchedule, due: number, now: number): number | undefined {
  // Time zones' rules differ a little between releases of Node.js: then what was noted counts.
  const last = Math.max(due, timetable.upTo(now));
  return now - last <= onTimeMs || missed === "once" ? last : undefined;
}

function rowOf({ service, name }: OpenSchedule, { rows }: Look): ScheduleRow | undefined {
  return rows.find((row) => row.service === service && row.name === name);
}

function specOf({ timetable: { spec, zone } }: Omit<OpenSchedule, "run">): string {
  return zone === undefined ? spec : `${spec} in ${zone}`;
}
