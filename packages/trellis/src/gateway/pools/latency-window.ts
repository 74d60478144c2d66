/** Each doubling of time is divided into so many buckets: a bucket is a sixteenth of what it counts, at most. */
const perDoubling = 16;
const perDoublingBits = 4;
const usMax = 2 ** 31 - 1;
const buckets = (31 - perDoublingBits) * perDoubling + perDoubling;
const slots = 10;
const slotMs = 1_000;

/**
 * How long answers took in the last ten seconds: a histogram for each second, whose buckets grow with what they count
 * (log-linear, as HdrHistogram's). Takes the same 18 KB however many answers there are, and allocates nothing for one.
 */
export class LatencyWindow {
  readonly #counts = new Uint32Array(buckets * slots);
  readonly #sums = new Uint32Array(buckets);
  /** The second that is being counted, since 1970. */
  #second = 0;
  #total = 0;

  /** An answer that took this long, in milliseconds. */
  add(tookMs: number, now: number): void {
    this.#advance(now);
    const bucket = bucketOf(tookMs);
    const at = (this.#second % slots) * buckets + bucket;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sums[bucket] = (this.#sums[bucket] ?? 0) + 1;
    this.#total += 1;
  }

  /** At least this share (0 to 1) of them took at most so many milliseconds; undefined where there were none. */
  quantileMs(share: number, now: number): number | undefined {
    this.#advance(now);
    if (this.#total === 0) return undefined;
    let left = Math.max(1, Math.ceil(share * this.#total));
    let bucket = 0;
    for (; bucket < buckets - 1; bucket++) {
      left -= this.#sums[bucket] ?? 0;
      if (left <= 0) break;
    }
    return middleUsOf(bucket) / 1_000;
  }

  #advance(now: number): void {
    const second = Math.floor(now / slotMs);
    if (second === this.#second) return;
    // A clock that was set back: what was counted is of no known time any more.
    const passed = second < this.#second ? slots : Math.min(slots, second - this.#second);
    for (let step = 1; step <= passed; step++) this.#forget((second - passed + step) % slots);
    this.#second = second;
  }

  #forget(slot: number): void {
    const start = slot * buckets;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const count = this.#counts[start + bucket] ?? 0;
      if (count === 0) continue;
      this.#sums[bucket] = (this.#sums[bucket] ?? 0) - count;
      this.#total -= count;
      this.#counts[start + bucket] = 0;
    }
  }
}

/** Below 16 microseconds each has a bucket of its own; from there on the highest five bits decide. */
function bucketOf(tookMs: number): number {
  const us = Math.min(usMax, Math.max(0, Math.round(tookMs * 1_000)));
  if (us < perDoubling) return us;
  const shift = 31 - Math.clz32(us) - perDoublingBits;
  return shift * perDoubling + (us >>> shift);
}

function middleUsOf(bucket: number): number {
  if (bucket < 2 * perDoubling) return bucket;
  const shift = Math.floor(bucket / perDoubling) - 1;
  const lowest = (bucket - shift * perDoubling) * 2 ** shift;
  return lowest + (2 ** shift - 1) / 2;
}
