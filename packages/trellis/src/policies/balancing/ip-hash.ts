import type { Random } from "../../model/clock.ts";
import { type Algorithm, seatAtFraction } from "./algorithm.ts";
import type { Wish } from "./balancer.ts";
import { clientNetwork } from "./client-network.ts";
import { hashFraction } from "./hash32.ts";
import { rampMaxAt, type Seat } from "./seat.ts";

/** How often another member is tried for a client whose own cannot be asked (as nginx's ip_hash does). */
const triesMax = 20;
const rampSeed = 0x5eed;

/**
 * By the client's network (`clientNetwork`): a client stays with its member. While that one cannot be asked, only its own
 * clients move, and they come back; when the pool itself changes, most clients move (`consistent-hash` moves few).
 */
export class IpHash implements Algorithm {
  readonly #random: Random;
  #primaries: readonly Seat[] = [];
  #weight = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  poolChanged(seats: readonly Seat[]): void {
    this.#primaries = seats.filter(({ backup }) => !backup);
    this.#weight = this.#primaries.reduce((sum, { weight }) => sum + weight, 0);
  }

  choose(seats: readonly Seat[], { key, now }: Wish): Seat {
    if (key === undefined) return seatAtFraction(seats, this.#random(), now);
    const network = clientNetwork(key);
    const rampMax = rampMaxAt(seats, now);
    const beforeItsTime = hashFraction(network, rampSeed) * rampMax;
    for (let attempt = 0; attempt < triesMax && seats[0]?.backup === false; attempt++) {
      const seat = this.#seatAt(hashFraction(network, attempt));
      if (seats.includes(seat) && beforeItsTime < seat.rampAt(now)) return seat;
    }
    return seatAtFraction(seats, hashFraction(network, triesMax), now);
  }

  /** By the weights themselves: if slow starts counted, every client would move as one seat's share grows. */
  #seatAt(fraction: number): Seat {
    let left = fraction * this.#weight;
    for (const seat of this.#primaries) {
      left -= seat.weight;
      if (left < 0) return seat;
    }
    return this.#primaries[this.#primaries.length - 1] as Seat;
  }
}
