import type { Algorithm } from "./algorithm.ts";
import type { Wish } from "./balancer.ts";
import { rampMaxAt, type Seat } from "./seat.ts";

/** Each in its turn, whatever it weighs and however slow it is. Those that start slowly are passed over now and then. */
export class RoundRobin implements Algorithm {
  #next = 0;

  choose(seats: readonly Seat[], { now }: Wish): Seat {
    const rampMax = rampMaxAt(seats, now);
    for (;;) {
      if (this.#next >= seats.length) this.#next = 0;
      const seat = seats[this.#next++] as Seat;
      if (takesItsTurn(seat, seat.rampAt(now) / rampMax)) return seat;
    }
  }
}

/** Of a seat with a ramp of a third, every third time. At least one seat of a pool has 1. */
function takesItsTurn(seat: Seat, ramp: number): boolean {
  if (ramp >= 1) return true;
  seat.turn += ramp;
  if (seat.turn < 1) return false;
  seat.turn -= 1;
  return true;
}
