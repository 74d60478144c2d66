import type { Clock, Timer } from "../../../model/clock.ts";

/** A request whose answer is not there yet. */
export interface Flight {
  /** Milliseconds since 1970. */
  readonly deadlineMs: number;
  /** Its answer has begun and lasts. */
  readonly streaming: boolean;
  /** Where `Flights` has it: -1 where it has not. */
  place: number;
  /** Its time is up. Afterwards it has no deadline any more. Returns whether something of it still goes on. */
  expire(): boolean;
  /** The instance must end. Returns whether anyone still waited for the answer. */
  cut(): boolean;
}

/** Sweeps at most this often, so that many short deadlines do not make many timers. */
const sweepEveryMsMin = 10;

/**
 * The requests that wait for something. One sweep at the earliest deadline watches them all: requests that are answered
 * at once, or long before their deadline, cost no timer.
 */
export class Flights {
  readonly #clock: Clock;
  // Not a Set: the tables that one outgrows keep what they held, one by way of another, until the next full collection.
  readonly #flights: Flight[] = [];
  #sweepAtMs = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;
  #whenNone: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#flights.length;
  }

  /** Those whose answer has begun and lasts. */
  get lasting(): number {
    return this.#flights.reduce((sum, { streaming }) => (streaming ? sum + 1 : sum), 0);
  }

  add(flight: Flight): void {
    if (flight.place < 0) flight.place = this.#flights.push(flight) - 1;
    if (flight.deadlineMs < this.#sweepAtMs) this.#sweepAt(flight.deadlineMs);
  }

  remove(flight: Flight): void {
    const { place } = flight;
    if (place < 0) return;
    flight.place = -1;
    const last = this.#flights.pop() as Flight;
    if (last !== flight) {
      this.#flights[place] = last;
      last.place = place;
    }
    if (this.#flights.length > 0) return;
    const landed = this.#whenNone;
    this.#whenNone = [];
    for (const tell of landed) tell();
  }

  /** Resolves as soon as nothing is in flight. */
  async none(): Promise<void> {
    if (this.#flights.length > 0) await new Promise<void>((resolve) => this.#whenNone.push(resolve));
  }

  /** Ends those that `which` picks. Returns for how many of them someone still waited. */
  cut(which: (flight: Flight) => boolean = () => true): number {
    return [...this.#flights].filter(which).filter((flight) => flight.cut()).length;
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #sweepAt(atMs: number): void {
    this.#timer?.cancel();
    this.#sweepAtMs = atMs;
    this.#timer = this.#clock.after(Math.max(0, atMs - this.#clock.now()), () => this.#sweep());
  }

  #sweep(): void {
    const nowMs = this.#clock.now();
    const due: Flight[] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    for (const flight of this.#flights)
      if (flight.deadlineMs <= nowMs) due.push(flight);
      else nextMs = Math.min(nextMs, flight.deadlineMs);
    this.#timer = undefined;
    this.#sweepAtMs = Number.POSITIVE_INFINITY;
    // Before anything expires: one that fails to must not be the last that is looked at.
    if (nextMs < Number.POSITIVE_INFINITY) this.#sweepAt(Math.max(nextMs, nowMs + sweepEveryMsMin));
    const failures: unknown[] = [];
    for (const flight of due)
      try {
        if (!flight.expire()) this.remove(flight);
      } catch (error) {
        this.remove(flight);
        failures.push(error);
      }
    if (failures.length > 0) throw failures[0];
  }
}
