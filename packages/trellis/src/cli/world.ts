import type { Clock, Random } from "../model/clock.ts";
import type { Environment } from "../model/settings.ts";
import type { Output } from "./output.ts";

/** What a command touches besides its arguments. */
export interface World {
  readonly environment: Environment;
  /** The folder in which the command was given. */
  readonly folder: string;
  readonly output: Output;
  readonly clock: Clock;
  readonly random: Random;
  readonly signals: StopSignals;
}

/** The signals by which someone asks this process to end: SIGINT, SIGTERM and SIGHUP. */
export interface StopSignals {
  /**
   * Calls `stop` at the first signal, and `hurry` when another one comes later. Until then, and until the returned
   * function is called, the process stays alive. With `reload`, SIGHUP calls that instead.
   */
  listen(stop: (signal: string) => void, hurry: () => void, reload?: () => void): () => void;
}
