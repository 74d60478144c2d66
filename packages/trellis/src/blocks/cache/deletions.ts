/**
 * What was deleted lately, so that a load that began before cannot bring it back. Time is a count of deletions: a load
 * notes `now` when it begins and asks, when it ends, whether anything that concerns it was deleted since. Remembers
 * `namesMax` keys and as many tags; of what happened before those it assumes the worst.
 */
export class Deletions {
  readonly #keys: RecentNames;
  readonly #tags: RecentNames;
  #now = 0;
  #allAt = 0;
  #anyTagAt = 0;

  constructor(namesMax = 10_000) {
    this.#keys = new RecentNames(namesMax);
    this.#tags = new RecentNames(namesMax);
  }

  /** The number of deletions so far: later ones are counted higher. */
  get now(): number {
    return this.#now;
  }

  addKey(key: string): void {
    this.#keys.add(key, ++this.#now);
  }

  addTag(tag: string): void {
    this.#tags.add(tag, ++this.#now);
    this.#anyTagAt = this.#now;
  }

  addAll(): void {
    this.#allAt = ++this.#now;
  }

  /** Whether a value read at `since` for `key`, having `tags`, may be one that was deleted meanwhile. */
  concern(since: number, key: string, tags: readonly string[]): boolean {
    if (this.#now === since) return false;
    if (this.#allAt > since || this.#keys.addedAfter(since, key)) return true;
    for (const tag of tags) if (this.#tags.addedAfter(since, tag)) return true;
    return false;
  }

  /** The same, while nobody knows yet which tags the value will have: any tag may be one of them. */
  mayConcern(since: number, key: string): boolean {
    return this.#anyTagAt > since || this.concern(since, key, []);
  }
}

/** Names with the moment of their latest addition; the oldest make room for new ones. */
class RecentNames {
  readonly #max: number;
  /** In the order of their moments, since every addition moves a name to the end. */
  readonly #moments = new Map<string, number>();
  #forgottenUpTo = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add(name: string, moment: number): void {
    this.#moments.delete(name);
    this.#moments.set(name, moment);
    if (this.#moments.size <= this.#max) return;
    for (const [oldest, at] of this.#moments) {
      this.#moments.delete(oldest);
      this.#forgottenUpTo = at;
      return;
    }
  }

  addedAfter(since: number, name: string): boolean {
    return this.#forgottenUpTo > since || (this.#moments.get(name) ?? 0) > since;
  }
}
