import type { Random } from "../model/clock.ts";
import type { Limit } from "../model/limit.ts";
import { backoffMs } from "./backoff.ts";

/** What is remembered of a process that is kept running. */
export interface RestartState {
  /** How often in a row it ended before it had been ready for long. */
  readonly failures: number;
  /** When it became ready, in milliseconds since 1970; undefined while it is not. */
  readonly readyAt?: number;
}

export type RestartObservation = "ready" | "ended";

export interface RestartDecision {
  readonly state: RestartState;
  /** When it is to be started again, from now; undefined where there is nothing to do. */
  readonly restartInMs?: number;
}

/** Ready for this long, a process counts as well: what ends it later is a first failure again. */
export const steadyMs = 60_000;

/** The longest pause before a process that keeps ending is started again. */
export const restartPauseMsMax = 30_000;
const backoff = { baseMs: 250, capMs: restartPauseMsMax };

export const restartLimits: readonly Limit[] = [
  {
    name: "pause before an instance starts again",
    value: restartPauseMsMax,
    unit: "ms",
    set: "fixed: at first a quarter of a second",
  },
];

export const neverStarted: RestartState = { failures: 0 };

/** When to start a process again: soon after a single crash, ever later while it keeps ending, never given up. */
export function decideRestart(
  state: RestartState,
  observation: RestartObservation,
  now: number,
  random: Random,
): RestartDecision {
  if (observation === "ready") return { state: { failures: state.failures, readyAt: now } };
  const wasSteady = state.readyAt !== undefined && now - state.readyAt >= steadyMs;
  const failures = wasSteady ? 1 : state.failures + 1;
  return { state: { failures }, restartInMs: backoffMs(failures, random, backoff) };
}
