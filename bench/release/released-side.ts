import type { Load } from "../src/harness/load.ts";

/** An app that serves, and can be replaced by another version of itself. */
export interface ReleasedSide {
  readonly origin: Load["origin"];
  /** Resolves when only the new version serves, and the one before has ended. */
  release(number: number): Promise<void>;
  /** How many jobs were worked, where it takes some. */
  jobsDone?(): Promise<number>;
  end(): Promise<void>;
}
