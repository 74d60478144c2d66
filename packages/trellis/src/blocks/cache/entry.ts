import type { EntryList, Listed } from "../../policies/eviction/entry-list.ts";
import type { Evictable } from "../../policies/eviction/eviction-queues.ts";

/** What the cache keeps for one key. One class for values and for `undefined`, so that the hot path stays monomorphic. */
export class Entry<Value> implements Evictable {
  readonly key: string;
  readonly value: Value | undefined;
  /** Made once and given to every reader: a hit allocates nothing. */
  readonly promise: Promise<Value | undefined>;
  /** Milliseconds since 1970 until which it is served without a thought. */
  readonly freshUntil: number;
  /** Until when it is served while a new one is loaded. */
  readonly staleUntil: number;
  /** After a load failed: no other begins before this. */
  refreshAfter = 0;
  /** The moment of `Deletions` at which its value was read. */
  readonly readAt: number;
  readonly tags: readonly string[];
  readonly bytes: number;
  /** How often it was read since it last came up for eviction, at most 3. */
  uses = 0;
  /** Its place among those that may have to make room. */
  list: EntryList<Listed> | undefined = undefined;
  before: Listed | undefined = undefined;
  after: Listed | undefined = undefined;

  constructor(facts: EntryFacts<Value>) {
    this.key = facts.key;
    this.value = facts.value;
    this.promise = Promise.resolve(facts.value);
    this.freshUntil = facts.freshUntil;
    this.staleUntil = facts.staleUntil;
    this.readAt = facts.readAt;
    this.tags = facts.tags;
    this.bytes = facts.bytes;
  }
}

export interface EntryFacts<Value> {
  readonly key: string;
  readonly value: Value | undefined;
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly readAt: number;
  readonly tags: readonly string[];
  readonly bytes: number;
}
