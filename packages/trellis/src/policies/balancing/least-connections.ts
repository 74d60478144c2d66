import type { Random } from "../../model/clock.ts";
import type { Algorithm } from "./algorithm.ts";
import type { Wish } from "./balancer.ts";
import { rampMaxAt, type Seat } from "./seat.ts";

/** The one with the fewest requests under way for its weight; those that have equally few by smooth weighted round robin. */
export class LeastConnections implements Algorithm {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  choose(seats: readonly Seat[], { now }: Wish): Seat {
    const rampMax = rampMaxAt(seats, now);
    let least = Number.POSITIVE_INFINITY;
    for (const seat of seats) {
      const ramp = seat.rampAt(now);
      // Who starts slowly does not enter every comparison. Who has nothing under way would win each of them, whatever
      // its weight is taken for.
      seat.compares = ramp >= rampMax || this.#random() < ramp / rampMax;
      if (seat.compares) least = Math.min(least, seat.pending / seat.weight);
    }
    return inTurn(seats, least);
  }
}

function inTurn(seats: readonly Seat[], least: number): Seat {
  let best: Seat | undefined;
  let total = 0;
  for (const seat of seats) {
    if (!seat.compares || seat.pending / seat.weight !== least) continue;
    total += seat.weight;
    seat.turn += seat.weight;
    if (best === undefined || seat.turn > best.turn) best = seat;
  }
  best ??= seats[0] as Seat;
  best.turn -= total;
  return best;
}
