import { hash32 } from "./hash32.ts";
import type { Seat } from "./seat.ts";

/** So many points a unit of weight: shares then differ by a tenth or so (libketama's figure, and nginx's). */
export const pointsPerWeight = 160;

/**
 * Seats on a circle of 2^32 places, each at many points. A key belongs to the seat whose point comes first after its own
 * place; when a seat comes or goes, only the keys next to its points move (Karger et al., 1997).
 */
export class HashRing {
  #places: Uint32Array = new Uint32Array(0);
  #owners: Uint32Array = new Uint32Array(0);
  #seats: readonly Seat[] = [];
  #made = "";

  get size(): number {
    return this.#places.length;
  }

  /** Does nothing where the same ids have the same weights as before. */
  setSeats(seats: readonly Seat[]): void {
    const wanted = JSON.stringify(seats.map(({ id, weight }) => [id, weight]));
    this.#seats = seats;
    if (wanted === this.#made) return;
    this.#made = wanted;
    this.#build();
  }

  /** Where on the ring the key's search begins: the first of the points to look at, at most `size` of them in turn. */
  indexOf(key: string): number {
    const place = hash32(key);
    let low = 0;
    let high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#places[middle] as number) < place) low = middle + 1;
      else high = middle;
    }
    return low === this.#places.length ? 0 : low;
  }

  /** Whose point it is. `index` may run over the end once. */
  ownerAt(index: number): Seat {
    const wrapped = index < this.#places.length ? index : index - this.#places.length;
    return this.#seats[this.#owners[wrapped] as number] as Seat;
  }

  #build(): void {
    const owners = this.#seats.flatMap(({ weight }, seat) => new Array<number>(pointsOf(weight)).fill(seat));
    // Place and owner in one number, so that they are sorted together and without a comparing function.
    const points = new Float64Array(owners.length);
    let nth = 0;
    owners.forEach((owner, index) => {
      nth = owners[index - 1] === owner ? nth + 1 : 0;
      points[index] = hash32((this.#seats[owner] as Seat).id, nth) * this.#seats.length + owner;
    });
    points.sort();
    this.#places = Uint32Array.from(points, (point) => Math.floor(point / this.#seats.length));
    this.#owners = Uint32Array.from(points, (point) => point % this.#seats.length);
  }
}

const pointsOf = (weight: number): number => Math.max(1, Math.round(weight * pointsPerWeight));
