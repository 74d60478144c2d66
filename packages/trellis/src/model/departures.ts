import type { EngineName } from "./block.ts";

/**
 * Holds the answers of one turn of the event loop until what must be written down before they leave is written: once
 * for all of them.
 */
export interface Departures {
  /** Something will be written at the end of this turn. Answers go through `leave` meanwhile. */
  readonly holding: boolean;
  /** Calls `write` once at the end of this turn, however often it is given. It does not throw. */
  before(write: () => void): void;
  /** Calls `send` when everything has been written: at once where nothing is to be. */
  leave(send: () => void): void;
}

export const departuresEngine: EngineName<Departures> = "departures";
