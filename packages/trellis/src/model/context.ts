import type { Random } from "./clock.ts";
import type { Log } from "./log.ts";

/** What every handler gets besides its blocks. Time and chance are injected, so that tests decide them. */
export interface Context {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly random: Random;
  readonly log: Log;
  /** Aborted when the deadline has passed, the caller has gone or the instance must end. */
  readonly signal: AbortSignal;
}
