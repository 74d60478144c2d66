/** What is going to happen, the earliest first; what is due at the same moment in the order in which it was put in. */
export class EventQueue {
  readonly #heap: Due[] = [];
  #put = 0;

  put(at: number, run: () => void): void {
    const due = { at, nth: this.#put++, run };
    let place = this.#heap.length;
    for (let parent = (place - 1) >> 1; place > 0 && isBefore(due, this.#at(parent)); parent = (place - 1) >> 1) {
      this.#heap[place] = this.#at(parent);
      place = parent;
    }
    this.#heap[place] = due;
  }

  /** Takes out what is due first; undefined when nothing is left. */
  take(): Pick<Due, "at" | "run"> | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return first;
    let place = 0;
    for (let child = this.#firstChild(0); child !== undefined; child = this.#firstChild(place)) {
      if (!isBefore(this.#at(child), last)) break;
      this.#heap[place] = this.#at(child);
      place = child;
    }
    this.#heap[place] = last;
    return first;
  }

  #firstChild(place: number): number | undefined {
    const left = 2 * place + 1;
    if (left >= this.#heap.length) return undefined;
    const right = left + 1;
    return right < this.#heap.length && isBefore(this.#at(right), this.#at(left)) ? right : left;
  }

  #at(place: number): Due {
    return this.#heap[place] as Due;
  }
}

interface Due {
  readonly at: number;
  readonly nth: number;
  readonly run: () => void;
}

const isBefore = (one: Due, two: Due): boolean => one.at < two.at || (one.at === two.at && one.nth < two.nth);
