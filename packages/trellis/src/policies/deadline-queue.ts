/** One who waits, from `add` until it goes, is late or is taken out. */
export interface Ticket<Waiter> {
  readonly waiter: Waiter;
  /** When it no longer wants to wait, in milliseconds. */
  readonly deadline: number;
  readonly sinceMs: number;
  /** Whether it still waits. */
  readonly waits: boolean;
}

interface Place<Waiter> extends Ticket<Waiter> {
  waits: boolean;
  before: Place<Waiter> | undefined;
  after: Place<Waiter> | undefined;
}

/**
 * A bounded queue, first come first served, in which each one waits until a deadline of its own. Keeps no timer: whoever
 * drives it calls `takeLate` at `nextDeadline`. All but `takeLate` take the same time however long the queue is.
 */
export class DeadlineQueue<Waiter> {
  readonly #lengthMax: number;
  #first: Place<Waiter> | undefined;
  #last: Place<Waiter> | undefined;
  #length = 0;
  /** Found late while another one was looked for; not told yet. */
  #late: Waiter[] = [];
  /** Not after any deadline, but perhaps before all of them. */
  #nextDeadline = Number.POSITIVE_INFINITY;

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  get length(): number {
    return this.#length;
  }

  /** Since when the one waits that has waited the longest. */
  get oldestSinceMs(): number | undefined {
    return this.#first?.sinceMs;
  }

  /** When `takeLate` is to be called, at the latest; undefined where nobody waits. It may find none then. */
  get nextDeadline(): number | undefined {
    if (this.#late.length > 0) return 0;
    return this.#length === 0 ? undefined : this.#nextDeadline;
  }

  /** Undefined where the queue is full. */
  add(waiter: Waiter, deadline: number, now: number): Ticket<Waiter> | undefined {
    if (this.#length >= this.#lengthMax) return undefined;
    if (this.#length === 0) this.#nextDeadline = Number.POSITIVE_INFINITY;
    const place: Place<Waiter> = { waiter, deadline, sinceMs: now, waits: true, before: this.#last, after: undefined };
    if (this.#last) this.#last.after = place;
    else this.#first = place;
    this.#last = place;
    this.#length += 1;
    this.#nextDeadline = Math.min(this.#nextDeadline, deadline);
    return place;
  }

  /** The one that has waited the longest and is not late; undefined where there is none. */
  take(now: number): Waiter | undefined {
    for (let place = this.#first; place; place = this.#first) {
      this.#unlink(place);
      if (place.deadline > now) return place.waiter;
      this.#late.push(place.waiter);
    }
    return undefined;
  }

  /** Those whose deadline has passed, to be told so. */
  takeLate(now: number): readonly Waiter[] {
    const late = this.#late;
    this.#late = [];
    let nextDeadline = Number.POSITIVE_INFINITY;
    for (let place = this.#first; place; place = place.after) {
      if (place.deadline <= now) {
        this.#unlink(place);
        late.push(place.waiter);
      } else nextDeadline = Math.min(nextDeadline, place.deadline);
    }
    this.#nextDeadline = nextDeadline;
    return late;
  }

  /** It does not want to wait any more. False where it did not wait. */
  remove(ticket: Ticket<Waiter>): boolean {
    if (!ticket.waits) return false;
    this.#unlink(ticket as Place<Waiter>);
    return true;
  }

  /** Keeps `before` and `after` of the place, so that who stands on it can go on. */
  #unlink(place: Place<Waiter>): void {
    place.waits = false;
    if (place.before) place.before.after = place.after;
    else this.#first = place.after;
    if (place.after) place.after.before = place.before;
    else this.#last = place.before;
    this.#length -= 1;
  }
}
