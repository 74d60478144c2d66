import { DeadlineQueue, type Ticket } from "./deadline-queue.ts";

export interface BulkheadParams {
  /** So many at once. */
  readonly concurrencyMax: number;
  /** So many may wait for a place; 0: nobody waits. */
  readonly queueMax: number;
}

/**
 * Bounds how much of one service is under way at once, so that a slow one cannot take all that the others need
 * (M. Nygard, Release It!, 2007). Who finds no place waits in turn, until a deadline of its own.
 *
 * `if (bulkhead.tryEnter()) go(); else if (!bulkhead.wait(waiter, deadline, now)) refuse();` and after each one that went:
 * `const next = bulkhead.leave(now)`, which has its place already.
 */
export class Bulkhead<Waiter> {
  #concurrencyMax: number;
  #running = 0;
  readonly #queue: DeadlineQueue<Waiter>;

  constructor({ concurrencyMax, queueMax }: BulkheadParams) {
    this.#concurrencyMax = concurrencyMax;
    this.#queue = new DeadlineQueue(queueMax);
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  get nextDeadline(): number | undefined {
    return this.#queue.nextDeadline;
  }

  /** Whether it may go at once. Never before those who wait: as long as there are any, all places are taken. */
  tryEnter(): boolean {
    if (this.#running >= this.#concurrencyMax) return false;
    this.#running += 1;
    return true;
  }

  /** Undefined where too many wait already. Milliseconds, both. */
  wait(waiter: Waiter, deadline: number, now: number): Ticket<Waiter> | undefined {
    return this.#queue.add(waiter, deadline, now);
  }

  /** One that went is over. The one that goes in its place, if any. */
  leave(now: number): Waiter | undefined {
    this.#running -= 1;
    return this.#next(now);
  }

  /** One that waited has gone away. False where it waits no more: then it has a place, and must `leave`. */
  abandon(ticket: Ticket<Waiter>): boolean {
    return this.#queue.remove(ticket);
  }

  /** Those who waited until their deadline. To be asked at `nextDeadline`. */
  takeLate(now: number): readonly Waiter[] {
    return this.#queue.takeLate(now);
  }

  /** Another bound from now on; the ones that go because of it. Who is under way stays so. */
  resize(concurrencyMax: number, now: number): readonly Waiter[] {
    this.#concurrencyMax = concurrencyMax;
    const going: Waiter[] = [];
    for (let next = this.#next(now); next !== undefined; next = this.#next(now)) going.push(next);
    return going;
  }

  #next(now: number): Waiter | undefined {
    if (this.#running >= this.#concurrencyMax) return undefined;
    const next = this.#queue.take(now);
    if (next !== undefined) this.#running += 1;
    return next;
  }
}
