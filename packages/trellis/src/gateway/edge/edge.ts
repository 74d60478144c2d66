import type { Clock } from "../../model/clock.ts";
import type { Purge } from "../../model/purge.ts";
import type { Hop } from "../exchange.ts";
import type { EdgeFigures } from "../port.ts";
import type { EdgeEvents } from "./events/edge-events.ts";

export interface EdgeOptions {
  /** What is asked where the cache has no answer. */
  readonly next: Hop;
  readonly clock: Clock;
  /** For everything that is kept: bodies, headers, keys and what each entry costs besides. */
  readonly bytesMax: number;
  /** A larger answer is passed on and not kept. */
  readonly bodyBytesMax?: number;
  /** Where answers that are events are written down. Without it what instances say of them means nothing. */
  readonly events?: EdgeEvents | undefined;
}

/** A shared cache before a hop (RFC 9111). One for each gateway process. */
export interface Edge {
  /** Answers what may be answered from memory before it returns; asks `next` for the rest, once for all who ask the same. */
  readonly hop: Hop;
  /** Takes answers out. What was asked for before it is not stored after it. Returns how many there were. */
  purge(purge: Purge): number;
  figures(): EdgeFigures & EdgeState;
}

/** What is under way. */
export interface EdgeState {
  /** Clients that wait for an answer of the origin, or for the rest of it. */
  readonly waiting: number;
  /** Bytes of answers that are on their way and to be kept. */
  readonly filling: number;
}
