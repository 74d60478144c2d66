import { randomBytes } from "node:crypto";
import type { Clock } from "../../../model/clock.ts";

/** Tells ids of one millisecond apart, in their order. */
const counterBits = 12n;

/**
 * Makes UUIDs of version 7 (RFC 9562) that ascend, so that jobs start in the order in which this instance enqueued them
 * and an index grows at its end. Random enough to name a job to others.
 */
export class JobIds {
  readonly #clock: Clock;
  /** Milliseconds and counter in one number. */
  #last = 0n;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  next(): string {
    const now = BigInt(Math.max(0, Math.floor(this.#clock.now()))) << counterBits;
    // A clock that stands still or was set back: count on from the last one.
    this.#last = now > this.#last ? now : this.#last + 1n;
    const time = this.#last.toString(16).padStart(15, "0");
    const chance = randomBytes(8);
    chance[0] = ((chance[0] ?? 0) & 0x3f) | 0x80;
    const tail = chance.toString("hex");
    return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${time.slice(12)}-${tail.slice(0, 4)}-${tail.slice(4)}`;
  }
}

const form = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether it may be the id of a job: PostgreSQL would refuse a statement with another. */
export function isJobId(id: string): boolean {
  return form.test(id);
}
