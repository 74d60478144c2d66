import { EntryList, type Listed } from "./entry-list.ts";

/** What can be thrown out to make room. */
export interface Evictable extends Listed {
  readonly key: string;
  /** Raised by whoever uses it, to 3 at most. */
  uses: number;
}

/** The share of the bytes in which new ones prove themselves. */
const smallShare = 0.1;
/** Keys that are remembered of those that have gone, while few are kept. */
const ghostsMin = 64;

/**
 * Chooses what makes room: S3-FIFO (Yang et al., "FIFO Queues are All You Need for Cache Eviction", SOSP 2023). New
 * entries stand in a small queue; those used again before its end move to the main one, the others go, and only their
 * keys are remembered, so that one who comes back goes to the main queue at once. A scan of things that are asked for
 * once passes through the small queue and pushes out nothing that is in use. Using an entry moves nothing: it costs one
 * addition.
 */
export class EvictionQueues<Entry extends Evictable> {
  readonly #bytesMax: number;
  readonly #evicted: (entry: Entry) => void;
  readonly #small = new EntryList<Entry>();
  readonly #main = new EntryList<Entry>();
  readonly #ghosts = new Set<string>();
  /** The same keys in the order of their going; a place is taken anew when its turn comes. */
  #ghostRing: string[] = [];
  #ghostAt = 0;

  /** @param evicted - is told what has gone to make room */
  constructor(bytesMax: number, evicted: (entry: Entry) => void) {
    this.#bytesMax = bytesMax;
    this.#evicted = evicted;
  }

  get bytes(): number {
    return this.#small.bytes + this.#main.bytes;
  }

  get size(): number {
    return this.#small.size + this.#main.size;
  }

  add(entry: Entry): void {
    (this.#ghosts.delete(entry.key) ? this.#main : this.#small).add(entry);
    this.#makeRoom();
  }

  remove(entry: Entry): void {
    entry.list?.remove(entry);
  }

  /** Puts `entry` in the place of `old`, with what that has earned. */
  replace(old: Entry, entry: Entry): void {
    const list = old.list === (this.#main as unknown) ? this.#main : this.#small;
    this.remove(old);
    entry.uses = old.uses;
    list.add(entry);
    this.#makeRoom();
  }

  #makeRoom(): void {
    while (this.bytes > this.#bytesMax) {
      const ofSmall = this.#main.size === 0 || this.#small.bytes > this.#bytesMax * smallShare;
      const first = (ofSmall ? this.#small.first : undefined) ?? this.#main.first ?? this.#small.first;
      if (!first) return;
      if (first.list === (this.#small as unknown)) this.#leaveSmall(first);
      else this.#leaveMain(first);
    }
  }

  #leaveSmall(entry: Entry): void {
    this.#small.remove(entry);
    if (entry.uses > 0) {
      entry.uses = 0;
      this.#main.add(entry);
      return;
    }
    this.#remember(entry.key);
    this.#evicted(entry);
  }

  #leaveMain(entry: Entry): void {
    this.#main.remove(entry);
    if (entry.uses === 0) {
      this.#evicted(entry);
      return;
    }
    entry.uses -= 1;
    this.#main.add(entry);
  }

  /** As many keys as there are entries. */
  #remember(key: string): void {
    const places = Math.max(ghostsMin, this.size);
    if (this.#ghostAt >= places) this.#ghostAt = 0;
    if (this.#ghostRing.length > places * 2) this.#forgetGhosts();
    const gone = this.#ghostRing[this.#ghostAt];
    if (gone !== undefined) this.#ghosts.delete(gone);
    this.#ghostRing[this.#ghostAt] = key;
    this.#ghosts.add(key);
    this.#ghostAt += 1;
  }

  #forgetGhosts(): void {
    this.#ghosts.clear();
    this.#ghostRing = [];
    this.#ghostAt = 0;
  }
}
