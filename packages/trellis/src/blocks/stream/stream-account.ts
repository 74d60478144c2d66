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
