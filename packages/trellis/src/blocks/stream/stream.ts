import type { Duration } from "../../model/duration.ts";
import type { Transactional } from "../../model/transaction.ts";

/** Events in an order that is kept within each key, read by any number of consumers. */
export interface Stream<Event> extends Transactional {
  /** Resolves when the stream has them; on `in(tx)`: they are in it soon after `tx` commits, or never. */
  append(...events: readonly Event[]): Promise<void>;
  /**
   * Returns at once. The event is in this machine's durable log before the answer of the request leaves, and in the stream
   * soon after, exactly once. It never throws and never waits: what could not be written down is counted as unlogged.
   */
  spool(event: Event): void;
  /** What became of the events that were spooled, all instances together, in one consistent look. */
  account(): Promise<StreamAccount>;
}

/** `spooled = inSpools + forwarded + unlogged`, to the unit. */
export interface StreamAccount {
  /** How often `spool` was called. */
  readonly spooled: number;
  /** Written down on some machine, not yet in the stream. */
  readonly inSpools: number;
  /** Brought from spools into the stream. */
  readonly forwarded: number;
  /** Could not be written down: the disk was full. */
  readonly unlogged: number;
  /** In the stream, not yet handled by this service's consumer. */
  readonly lag: number;
  /** Given up by this service's consumer after its retries: kept aside. */
  readonly setAside: number;
}

export interface StreamOptions<Event> {
  /** Events of one key are handled in the order in which they came. */
  readonly key: (event: Event) => string;
  /** `7d` unless said otherwise. Dropped by the day, so that some are kept up to a day longer. */
  readonly keepFor?: Duration;
  /** How many consumers can share the stream at most: 4 unless said otherwise. Fixed once the stream exists. */
  readonly partitions?: number;
  /** Events that the handler is given at once, at most: 1,000 unless said otherwise. */
  readonly batch?: number;
  /** How often a batch is tried again before the event that spoils it is set aside: 5 unless said otherwise. */
  readonly retries?: number;
  /** Makes an event of today's shape from an older one. What still does not fit the schema is set aside, with the reason. */
  readonly upcast?: (old: unknown) => unknown;
}
