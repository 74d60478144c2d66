import type { Wish } from "./balancer.ts";
import type { Seat } from "./seat.ts";

/** One way to choose. `PoolBalancer` does what all have in common: who can be asked at all, and what is known of each. */
export interface Algorithm {
  /** One of `seats`, of which there is at least one. */
  choose(seats: readonly Seat[], wish: Wish): Seat;
  /** All seats of the pool have changed, those that cannot be asked included: in the order of their ids. */
  poolChanged?(seats: readonly Seat[]): void;
}

/** The seat at this fraction (0 to less than 1) of all weights laid end to end. */
export function seatAtFraction(seats: readonly Seat[], fraction: number, now: number): Seat {
  let total = 0;
  for (const seat of seats) total += seat.weightAt(now);
  let left = fraction * total;
  for (const seat of seats) {
    left -= seat.weightAt(now);
    if (left < 0) return seat;
  }
  // Rounding may leave a crumb; what it belongs to is the last.
  return seats[seats.length - 1] as Seat;
}
