/** How long ago something was answered that is not counted yet, told from nothing but how many there are of both. */
export class Arrears {
  /** When so many had been answered, in the order of time; the first one is the last by which all are counted. */
  #seen: { readonly at: number; readonly answered: number }[] = [];

  /**
   * So many are answered and so many of them counted, now. Gives the age of the oldest that is not, in milliseconds, too
   * much by at most the time between two calls; 0 where there is none.
   */
  note(nowMs: number, answered: number, counted: number): number {
    this.#seen.push({ at: nowMs, answered });
    const after = this.#seen.findIndex((one) => one.answered > counted);
    if (after < 0) {
      this.#seen = this.#seen.slice(-1);
      return 0;
    }
    // What was answered before the first look may be older than that: nobody knows by how much.
    this.#seen = this.#seen.slice(Math.max(0, after - 1));
    if (this.#seen.length > seenMax) this.#seen = this.#seen.filter((_, place) => place % 2 === 0);
    const [last = { at: nowMs }] = this.#seen;
    return Math.max(0, nowMs - last.at);
  }
}

/** An hour of looks each second; after that every other one is forgotten. */
const seenMax = 3_600;
