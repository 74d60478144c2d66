import type { Clock } from "../../model/clock.ts";
import type { ForwardReason } from "../../policies/http-cache/cache-status.ts";
import type { HeaderList } from "../exchange.ts";
import type { EdgeEvents } from "./events/edge-events.ts";
import type { PlannedEvent } from "./events/planned-event.ts";
import type { Read, Reader } from "./reader.ts";
import type { RouteCount, RouteCounts } from "./route-counts.ts";
import type { EdgeStore } from "./store.ts";

/** What a request to the origin needs of the cache that it is for. */
export interface Landing {
  readonly clock: Clock;
  readonly store: EdgeStore;
  readonly counts: RouteCounts;
  readonly events: EdgeEvents | undefined;
  /** Bytes of answers that are on their way and to be kept. */
  filling: number;
  /** Whether an answer that has come this far may still be kept. */
  hasRoomFor(bytes: number): boolean;
  /** Whether an answer may be kept that says this of its length. */
  mayKeep(headers: HeaderList): boolean;
  /** What an instance says of such an answer, where events are written down. */
  eventOf(headers: HeaderList, route: RouteCount): PlannedEvent | undefined;
  /** It is not under way any more, or nobody may join it. */
  unlist(flight: Read & { readonly sharedAs: string | undefined }): void;
  /** Asks the origin for this one reader. */
  askAlone(reader: Reader, key: string, reason: ForwardReason): void;
  /** The answer of this address was not for all. */
  unshareable(key: string): void;
}
