import type { Clock, Random } from "../../model/clock.ts";
import type { Log } from "../../model/log.ts";
import type { Metrics } from "../../model/metrics.ts";
import type { Tracing } from "../../model/tracing.ts";
import { scopeOf } from "../../model/transaction.ts";
import type { OpenSchedule } from "./declared-schedule.ts";
import { runMsMax } from "./limits.ts";
import type { ClaimedTick, ScheduleRun, Tick } from "./port.ts";
import type { ScheduleDatabase } from "./schedule-database.ts";
import type { ScheduleTable } from "./schedule-table.ts";

export interface TickRunnerParts {
  readonly schedules: readonly OpenSchedule[];
  readonly table: ScheduleTable;
  readonly database: ScheduleDatabase;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly instance: string;
}

type Ended = Pick<ScheduleRun, "outcome" | "error">;

const errorCharactersMax = 1_000;

/** Runs ticks, and writes down what came of each in the transaction that also completes it. */
export class TickRunner {
  readonly #parts: TickRunnerParts;

  constructor(parts: TickRunnerParts) {
    this.#parts = parts;
  }

  async run(claimed: ClaimedTick): Promise<void> {
    const { table, database, clock, metrics, tracing, instance } = this.#parts;
    const { tick } = claimed;
    const schedule = this.#scheduleOf(tick);
    const at = clock.now();
    await table.began(database.platform, tick, at);
    const place = `${tick.service}.${tick.name}`;
    const { outcome, error } = await tracing.span({ name: `schedule ${place}`, kind: "internal" }, () =>
      this.#runWithin(schedule, claimed),
    );
    const tookMs = Math.max(0, clock.now() - at);
    const run = { tick: tick.at, byHand: tick.byHand, at, tookMs, outcome, error, instance };
    await database.transaction(async (tx) => {
      await table.ended(scopeOf(tx), tick, run);
      await claimed.complete(tx);
    });
    const labels = { schedule: place, outcome };
    metrics.counter("trellis_schedule_runs_total", "Runs of schedules that ended", labels).add();
    metrics.histogram("trellis_schedule_run_seconds", "How long runs of schedules take", labels).record(tookMs / 1_000);
  }

  #scheduleOf({ service, name }: Tick): OpenSchedule {
    const schedule = this.#parts.schedules.find((one) => one.service === service && one.name === name);
    // Another instance may have a newer release: the tick goes back, for it to take.
    if (!schedule) throw new Error(`This release has no schedule ${service}.${name}`);
    return schedule;
  }

  /** Throws only where the run did not end by itself: its instance is ending, or another has the tick by now. */
  async #runWithin(schedule: OpenSchedule, { signal: taken }: ClaimedTick): Promise<Ended> {
    const { clock, random } = this.#parts;
    const log = this.#parts.log.with({ schedule: `${schedule.service}.${schedule.name}` });
    const tooLong = new AbortController();
    const late = Promise.withResolvers<never>();
    const timer = clock.after(runMsMax, () => {
      const error = new Error(`The run took longer than ${runMsMax / 3_600_000} hours`);
      tooLong.abort(error);
      late.reject(error);
    });
    const signal = AbortSignal.any([taken, tooLong.signal]);
    try {
      await Promise.race([schedule.run({ now: () => clock.now(), random, log, signal }), late.promise]);
      return { outcome: "done", error: undefined };
    } catch (error) {
      if (taken.aborted) throw error;
      log.error("A run of a schedule failed", { error });
      return { outcome: "failed", error: errorText(error) };
    } finally {
      timer.cancel();
    }
  }
}

function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.slice(0, errorCharactersMax);
}
