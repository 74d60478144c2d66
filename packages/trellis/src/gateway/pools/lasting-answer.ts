import type { Watched } from "./deadline-watch.ts";

/** An answer that is taken to have no end of its own, where it has none by a moment. */
export class LastingAnswer implements Watched {
  readonly watchedUntil: number;
  watchedBefore: Watched | undefined = undefined;
  watchedAfter: Watched | undefined = undefined;
  isWatched = false;
  readonly #lasts: () => void;

  /** `until`: in milliseconds since 1970. Calls `lasts` soon after. */
  constructor(until: number, lasts: () => void) {
    this.watchedUntil = until;
    this.#lasts = lasts;
  }

  timedOut(): void {
    this.#lasts();
  }
}
