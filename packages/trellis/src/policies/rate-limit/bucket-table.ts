/** A longer key gets no place: memory stays bounded. Hash what may be longer. */
export const keyLengthMax = 256;

/** So many places are looked at for each new key, to find those that can be forgotten. */
const sweepsPerKey = 8;

export interface BucketTableParams<Bucket> {
  /** So many keys have a bucket of their own at once. */
  readonly keysMax: number;
  readonly makeBucket: (key: string, now: number) => Bucket;
  /** Whether a bucket says no more than a new one would. */
  readonly isForgettable: (bucket: Bucket, now: number) => boolean;
}

/**
 * A bucket for each key, in bounded memory. A bucket that is full again says nothing, so it is forgotten, and no other ever
 * is: a flood of new keys cannot free one that is limited. A new key that finds no place is told so.
 */
export class BucketTable<Bucket> {
  readonly #params: BucketTableParams<Bucket>;
  readonly #places = new Map<string, number>();
  readonly #keys: (string | undefined)[] = [];
  readonly #buckets: Bucket[] = [];
  readonly #free: number[] = [];
  #hand = 0;

  constructor(params: BucketTableParams<Bucket>) {
    this.#params = params;
  }

  get size(): number {
    return this.#places.size;
  }

  /** The place of a key, a new one if need be, until the next call; undefined where there is none left. */
  placeOf(key: string, now: number): number | undefined {
    return this.#places.get(key) ?? this.#newPlace(key, now);
  }

  get(place: number): Bucket {
    return this.#buckets[place] as Bucket;
  }

  set(place: number, bucket: Bucket): void {
    this.#buckets[place] = bucket;
  }

  #newPlace(key: string, now: number): number | undefined {
    if (key.length > keyLengthMax) return undefined;
    this.#forgetSome(now);
    const place = this.#free.pop() ?? (this.#keys.length < this.#params.keysMax ? this.#keys.length : undefined);
    if (place === undefined) return undefined;
    this.#places.set(key, place);
    this.#keys[place] = key;
    this.#buckets[place] = this.#params.makeBucket(key, now);
    return place;
  }

  /** A few for each new key, so that no request waits for a sweep of all; none while half of the places are free. */
  #forgetSome(now: number): void {
    if (2 * this.#places.size < this.#params.keysMax) return;
    const looks = Math.min(sweepsPerKey, this.#keys.length);
    for (let look = 0; look < looks; look++) {
      this.#hand = (this.#hand + 1) % this.#keys.length;
      const key = this.#keys[this.#hand];
      if (key === undefined || !this.#params.isForgettable(this.get(this.#hand), now)) continue;
      this.#places.delete(key);
      this.#keys[this.#hand] = undefined;
      this.#free.push(this.#hand);
    }
  }
}
