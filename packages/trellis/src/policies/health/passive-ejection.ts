import { isPanic } from "../pool-status.ts";
import { ejectionMsBase, ejectionMsMax, failuresInARow, forgetEveryMs } from "./limits.ts";

/** What is known of a member from the answers that requests got. */
export interface EjectionState {
  /** Failed answers in a row. */
  readonly failures: number;
  /** How often it was ejected, less what has been forgotten since. */
  readonly ejections: number;
  /** Until when it is ejected, or was the last time, in milliseconds since 1970; 0: never. */
  readonly until: number;
}

/** How the pool stands without what is being decided: a member may be ejected only where enough others are left. */
export interface PoolStanding {
  /** Members that are usable, this one included. */
  readonly usable: number;
  readonly suspects: number;
}

export const neverEjected: EjectionState = { failures: 0, ejections: 0, until: 0 };

export const isEjected = ({ until }: EjectionState, now: number): boolean => now < until;

/**
 * What an answer changes. After `failuresInARow` failures (a 5xx, a reset, no answer in time) a member is left alone for
 * `ejectionMsBase` times the number of its ejections, at most `ejectionMsMax` (Envoy's outlier detection). Never the last
 * usable member, and never so many that the pool panics: an ejection must not undo itself. Where it may not be ejected
 * now, its next failure asks again. Returns `state` itself where nothing changes.
 */
export function decideEjection(state: EjectionState, failed: boolean, now: number, pool: PoolStanding): EjectionState {
  // What was under way when it was ejected says nothing new.
  if (isEjected(state, now)) return state;
  if (!failed) return state.failures === 0 ? state : { ...state, failures: 0 };
  const failures = state.failures + 1;
  if (failures < failuresInARow || !mayEject(pool)) return { ...state, failures };
  const ejections = Math.max(0, state.ejections - Math.floor((now - state.until) / forgetEveryMs)) + 1;
  return { failures: 0, ejections, until: now + Math.min(ejectionMsMax, ejections * ejectionMsBase) };
}

function mayEject({ usable, suspects }: PoolStanding): boolean {
  return usable > 1 && !isPanic(usable - 1, suspects + 1);
}
