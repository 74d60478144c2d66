import type { Random } from "../../model/clock.ts";
import type { Algorithm } from "./algorithm.ts";
import type { Wish } from "./balancer.ts";
import type { Seat } from "./seat.ts";

/** The load of a member that has been asked and has never answered well: one request at first, not a flood. */
const unknownLoad = 1e12;

/** Such a member is asked again when its failures are forgotten so far: 7 s after one, 23 s after many in a row. */
const tryAgainRate = 0.9;

/**
 * The power of two choices (Mitzenmacher, 2001) over peak EWMA (Finagle): of two members drawn by chance, the one that is
 * well before the one that is a suspect, then the one with the smaller load. Looking at two is nearly as good as looking
 * at all, and no two gateways run after the same one.
 */
export class PowerOfTwoChoices implements Algorithm {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  choose(seats: readonly Seat[], { now }: Wish): Seat {
    const first = Math.floor(this.#random() * seats.length);
    const other = Math.floor(this.#random() * (seats.length - 1));
    const one = seats[first] as Seat;
    const two = seats[other < first ? other : other + 1] ?? one;
    return this.#better(one, two, now);
  }

  #better(one: Seat, two: Seat, now: number): Seat {
    if (one.status !== two.status) return one.status === "usable" ? one : two;
    const rampOfOne = one.rampAt(now);
    const rampOfTwo = two.rampAt(now);
    // Who starts slowly does not enter every comparison. To divide the load by the ramp instead would shut it out as long
    // as the others are idle.
    if (rampOfOne < rampOfTwo && this.#random() >= rampOfOne / rampOfTwo) return two;
    if (rampOfTwo < rampOfOne && this.#random() >= rampOfTwo / rampOfOne) return one;
    return loadOf(two, now) < loadOf(one, now) ? two : one;
  }
}

/** What one more request would meet: the round trip, times those that are before it, by what the member can do. */
function loadOf({ cost, pending, success, weight }: Seat, now: number): number {
  const costMs = cost.at(now);
  const rate = success.at(now);
  if (costMs === 0 && (pending > 0 || rate < tryAgainRate)) return unknownLoad + pending;
  return (costMs * (pending + 1)) / (weight * rate);
}
