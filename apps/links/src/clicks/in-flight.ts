import type { StreamAccount } from "trellis";

/** Written down and not counted: in a spool, in the stream, or set aside until somebody looks. */
export function inFlight({ inSpools, lag, setAside }: StreamAccount): number {
  return inSpools + lag + setAside;
}
