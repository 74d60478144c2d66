import type { Algorithm } from "./algorithm.ts";
import type { Wish } from "./balancer.ts";
import type { Seat } from "./seat.ts";

/**
 * Smooth weighted round robin, as nginx has it: each seat is owed its weight at every choice; the one that is owed most is
 * chosen and pays what all were given. Weights 5, 1, 1 give a a b a c a a, not a a a a a b c.
 */
export class WeightedRoundRobin implements Algorithm {
  choose(seats: readonly Seat[], { now }: Wish): Seat {
    let best = seats[0] as Seat;
    let total = 0;
    for (const seat of seats) {
      const weight = seat.weightAt(now);
      total += weight;
      seat.turn += weight;
      if (seat.turn > best.turn) best = seat;
    }
    best.turn -= total;
    return best;
  }
}
