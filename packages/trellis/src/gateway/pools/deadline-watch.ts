/** Something that waits until a moment of its own. */
export interface Watched {
  /** Milliseconds since 1970. May change while it is watched. */
  watchedUntil: number;
  /** The watch's own: neighbours in its list. */
  watchedBefore: Watched | undefined;
  watchedAfter: Watched | undefined;
  isWatched: boolean;
  timedOut(now: number): void;
}

/**
 * Finds out who has waited too long, by looking at all of them now and then: to begin and to end waiting costs four
 * assignments, where a timer each would cost as much as the rest of the way.
 */
export class DeadlineWatch {
  #first: Watched | undefined;

  add(one: Watched): void {
    if (one.isWatched) return;
    one.isWatched = true;
    one.watchedBefore = undefined;
    one.watchedAfter = this.#first;
    if (this.#first) this.#first.watchedBefore = one;
    this.#first = one;
  }

  remove(one: Watched): void {
    if (!one.isWatched) return;
    one.isWatched = false;
    if (one.watchedBefore) one.watchedBefore.watchedAfter = one.watchedAfter;
    else this.#first = one.watchedAfter;
    if (one.watchedAfter) one.watchedAfter.watchedBefore = one.watchedBefore;
    one.watchedBefore = undefined;
    one.watchedAfter = undefined;
  }

  /** Tells everyone whose time is up, who is not watched any more then. */
  look(now: number): void {
    const late: Watched[] = [];
    for (let one = this.#first; one; one = one.watchedAfter) if (one.watchedUntil <= now) late.push(one);
    for (const one of late) {
      // One that was told before may have ended the waiting of another.
      if (!one.isWatched) continue;
      this.remove(one);
      one.timedOut(now);
    }
  }
}

/** What all who are watched share. */
export interface Surroundings {
  /** Milliseconds since 1970, to the microsecond. */
  readonly now: () => number;
  readonly watch: DeadlineWatch;
  /** A stream of events that has lasted so long is taken to have no end of its own. */
  readonly lastingMs: number;
}
