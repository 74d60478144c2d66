import type { Random } from "../../model/clock.ts";
import { type Algorithm, seatAtFraction } from "./algorithm.ts";
import type { Wish } from "./balancer.ts";
import { HashRing } from "./hash-ring.ts";
import { hashFraction } from "./hash32.ts";
import { rampMaxAt, type Seat } from "./seat.ts";

/** No member has more than this many times the mean of what is under way, by weight. */
export const loadBound = 1.25;
const rampSeed = 0x5eed;

/**
 * The same key to the same member, for what a member keeps in memory. Bounded loads (Mirrokni, Thorup, Zadimoghaddam,
 * 2016): a member that has its fill passes on to the next on the ring, so that a key everybody wants drowns nobody.
 */
export class ConsistentHash implements Algorithm {
  readonly #random: Random;
  readonly #ring = new HashRing();

  constructor(random: Random) {
    this.#random = random;
  }

  poolChanged(seats: readonly Seat[]): void {
    this.#ring.setSeats(seats);
  }

  choose(seats: readonly Seat[], { key, now }: Wish): Seat {
    if (key === undefined) return seatAtFraction(seats, this.#random(), now);
    const fill = fillOf(seats);
    // While a member starts slowly, a growing part of its keys is with it, the rest still where they were before it came.
    const beforeItsTime = hashFraction(key, rampSeed) * rampMaxAt(seats, now);
    const begin = this.#ring.indexOf(key);
    let last: Seat | undefined;
    let early: Seat | undefined;
    for (let index = begin; index < begin + this.#ring.size; index++) {
      const seat = this.#ring.ownerAt(index);
      if (seat === last) continue;
      last = seat;
      if (seat.pending >= Math.ceil(fill * seat.weight) || !seats.includes(seat)) continue;
      if (beforeItsTime < seat.rampAt(now)) return seat;
      early ??= seat;
    }
    // The others have their fill. One that has not is always there, since together they may have more than there is.
    return early ?? (seats[0] as Seat);
  }
}

/** How many requests a member may have under way for each unit of its weight, the one that is to be placed included. */
function fillOf(seats: readonly Seat[]): number {
  let pending = 0;
  let weight = 0;
  for (const seat of seats) {
    pending += seat.pending;
    weight += seat.weight;
  }
  return (loadBound * (pending + 1)) / weight;
}
