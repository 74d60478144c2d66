import type { EngineName } from "./block.ts";
import type { Transaction } from "./transaction.ts";

/**
 * Tells every instance of the app something, this one included. Delivered at least once and in any order to each
 * instance that lives, within about a second, also after a connection was lost. Not a stream: nothing is kept for
 * instances that come later.
 */
export interface Bus {
  /** Resolves when it can no longer be lost. With `tx`: takes effect with it, or not at all. */
  publish(topic: string, message: string, tx?: Transaction): Promise<void>;
  subscribe(topic: string, subscriber: Subscriber): Unsubscribe;
}

export interface Subscriber {
  receive(message: string): void;
  /** Messages may have been missed for good (this instance was cut off for longer than they are kept). */
  missed(): void;
}

export type Unsubscribe = () => void;

/** The engine that blocks name in `needs` to reach every instance. */
export const busEngine: EngineName<Bus> = "bus";
