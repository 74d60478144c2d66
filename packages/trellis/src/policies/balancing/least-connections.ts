import type { Algorithm } from "./algorithm.ts";
import type { Wish } from "./balancer.ts";
import type { Seat } from "./seat.ts";

/** The one with the fewest requests under way for its weight; those that have equally few by smooth weighted round robin. */
export class LeastConnections implements Algorithm {
  choose(seats: readonly Seat[], { now }: Wish): Seat {
    let least = Number.POSITIVE_INFINITY;
    for (const seat of seats) least = Math.min(least, seat.pending / seat.weightAt(now));
    return inTurn(seats, least, now);
  }
}

function inTurn(seats: readonly Seat[], least: number, now: number): Seat {
  let best: Seat | undefined;
  let total = 0;
  for (const seat of seats) {
    const weight = seat.weightAt(now);
    if (seat.pending / weight !== least) continue;
    total += weight;
    seat.turn += weight;
    if (best === undefined || seat.turn > best.turn) best = seat;
  }
  best ??= seats[0] as Seat;
  best.turn -= total;
  return best;
}
