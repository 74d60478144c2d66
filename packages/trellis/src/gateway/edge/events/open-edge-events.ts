import { randomBytes } from "node:crypto";
import type { Clock } from "../../../model/clock.ts";
import type { Log } from "../../../model/log.ts";
import type { EdgeEvents } from "./edge-events.ts";
import { EventLog } from "./event-log.ts";

export interface EdgeEventsOptions {
  /** Of this gateway: `gateway-1`. */
  readonly name: string;
  /** The app's data folder. */
  readonly folder: string;
  /** How much of the disk they may take until an instance has taken them. */
  readonly bytesMax: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Opens where a gateway writes down what it answers from memory. Nothing is on the disk before there is something to write. */
export function openEdgeEvents({ name, ...options }: EdgeEventsOptions): EdgeEvents {
  return new EventLog({ ...options, newName: () => `edge-${name}-${randomBytes(9).toString("hex")}` });
}
