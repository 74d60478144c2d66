import type { Serving } from "../../model/block.ts";
import type { Transaction } from "../../model/transaction.ts";

/** The app's schedules. Opened once per instance. */
export interface ScheduleEngine {
  /**
   * Fires and runs them, until it is stopped. Resolves when it has looked at the times once: from then on none is passed
   * over. Instances that share a database fire each time once.
   */
  start(): Promise<Serving>;
  overview(): Promise<readonly ScheduleOverview[]>;
  /**
   * Runs one now, beside its times. False where its run is still going on; undefined where this instance has no such
   * schedule.
   */
  runNow(service: string, name: string): Promise<boolean | undefined>;
}

/** One time of one schedule, to be run. */
export interface Tick {
  readonly service: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Asked for by a person. */
  readonly byHand: boolean;
}

/** What carries ticks to those who run them: a run that dies with its process is begun again elsewhere. */
export interface TickQueue {
  /**
   * With `tx`, or not at all. A schedule has one unfinished tick at most: returns the id of the new job, or of the one
   * that is unfinished, and then nothing was added.
   */
  enqueue(tick: Tick, tx: Transaction): Promise<string>;
  /** Hands the ticks of one service to `handler`. What it throws makes the tick come again, on some instance. */
  work(service: string, handler: (claimed: ClaimedTick) => Promise<void>): Serving;
}

export interface ClaimedTick {
  readonly tick: Tick;
  readonly signal: AbortSignal;
  /** The tick is done when `tx` commits. Throws where another instance has it by now. */
  complete(tx: Transaction): Promise<void>;
}

/** Times in milliseconds since 1970. */
export interface ScheduleOverview {
  readonly service: string;
  readonly name: string;
  /** `every 1d`, or a cron expression. */
  readonly spec: string;
  readonly zone: string | undefined;
  readonly missed: "skip" | "once";
  /** The next three times. */
  readonly next: readonly number[];
  readonly runningSince: number | undefined;
  /** The latest first. */
  readonly runs: readonly ScheduleRun[];
}

export interface ScheduleRun {
  /** The time that it was for. */
  readonly tick: number;
  readonly byHand: boolean;
  readonly at: number;
  readonly tookMs: number;
  readonly outcome: "done" | "failed";
  readonly error: string | undefined;
  /** Times that came while it was going on, and were left out. */
  readonly skipped: number;
  readonly instance: string;
}
