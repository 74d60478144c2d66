import type { Random } from "../../model/clock.ts";
import { type Algorithm, seatAtFraction } from "./algorithm.ts";
import type { Wish } from "./balancer.ts";
import type { Seat } from "./seat.ts";

/** By chance, each by its weight. Needs no memory, and spreads within a few percent after some thousand requests. */
export class RandomChoice implements Algorithm {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  choose(seats: readonly Seat[], { now }: Wish): Seat {
    return seatAtFraction(seats, this.#random(), now);
  }
}
