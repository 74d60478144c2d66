import type { EngineName } from "./block.ts";
import type { Unsubscribe } from "./bus.ts";

/**
 * Tells every instance that something may be worth a look. Fast and lossy: nothing is stored, many wakes of one topic
 * become one, and one sent while a connection is lost is gone. Whoever waits for one also looks by itself now and then.
 */
export interface Wakes {
  /** Returns at once. Inside a transaction call it after the commit (`TransactionScope.afterCommit`). */
  wake(topic: string): void;
  /** `run` is called for wakes of any instance, this one included, and whenever some may have been lost. */
  on(topic: string, run: () => void): Unsubscribe;
}

export const wakesEngine: EngineName<Wakes> = "wakes";
