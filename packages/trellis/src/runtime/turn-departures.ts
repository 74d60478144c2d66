import type { Departures } from "../model/departures.ts";

/** Holds answers until the check phase of the event loop's turn, which comes after all that the turn has read. */
export class TurnDepartures implements Departures {
  holding = false;
  /** Few: one for each stream at most. */
  readonly #writes: (() => void)[] = [];
  #sends: (() => void)[] = [];

  before(write: () => void): void {
    if (!this.#writes.includes(write)) this.#writes.push(write);
    if (this.holding) return;
    this.holding = true;
    setImmediate(this.#end);
  }

  leave(send: () => void): void {
    if (this.holding) this.#sends.push(send);
    else send();
  }

  readonly #end = (): void => {
    // Also those that come while others are written.
    for (let write = this.#writes.shift(); write; write = this.#writes.shift()) write();
    const sends = this.#sends;
    this.#sends = [];
    // From now on answers leave at once; those that wait leave in their order, before any later one.
    this.holding = false;
    for (const send of sends) send();
  };
}
