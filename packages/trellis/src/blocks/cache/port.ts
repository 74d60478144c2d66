import type { Duration } from "../../model/duration.ts";
import type { Size } from "../../model/size.ts";
import type { Transaction } from "../../model/transaction.ts";

/** How long values are kept, how they are named and how much room they have. */
export interface CacheOptions<Key, Value> {
  /** How long a value is served without being loaded again. */
  readonly ttl: Duration;
  /**
   * How long after `ttl` the old value is still served, at once, while one load in the background fetches the new
   * one. Also how long a failing load does no harm. Nothing unless said.
   */
  readonly staleFor?: Duration;
  /** How long it is remembered that a load gave `undefined`: the shorter of `ttl` and 10 s unless said. */
  readonly negativeFor?: Duration;
  /** The one place where the cache's keys are designed. Needed where a key is not a string. */
  readonly key?: (key: Key) => string;
  /** What `deleteTagged` finds a value by, such as the workspace that it belongs to. */
  readonly tags?: (value: Value) => readonly string[];
  /** The room that each instance gives to values and their keys: 64MB unless said. An eighth is for `undefined`. */
  readonly max?: Size;
  /** `ttl` varies by this share, so that what was loaded together does not expire together: .1 unless said. */
  readonly jitter?: number;
  /** A load that takes longer is aborted and fails with `deadline-exceeded`: 10s unless said. */
  readonly loadWithin?: Duration;
  /** How long `writeBehind` gathers values before it saves them: 1s unless said. */
  readonly writeWindow?: Duration;
}

/** What changes a cache, on every instance of the app. */
export interface CacheChanges<Key, Value> {
  /**
   * Keeps the value on this instance; the others forget what they had. What a load that began earlier brings is not
   * kept. Where the value was just saved, `writeThrough` also survives someone else saving at the same moment.
   */
  put(key: Key, value: Value): Promise<void>;
  /** Forgets the keys everywhere, and what loads that began before bring. Resolves when it can no longer be lost. */
  delete(...keys: readonly Key[]): Promise<void>;
  /** Forgets every value that has one of the tags, and what loads that began before bring, where it has one. */
  deleteTagged(...tags: readonly string[]): Promise<void>;
}

/**
 * Values near at hand, in the process itself; what is deleted on one instance is deleted on all. Values are shared by
 * all who read them: never change one. In development and tests they are frozen, so that a change throws.
 */
export interface Cache<Key, Value> extends CacheChanges<Key, Value> {
  /** The value, or `undefined` where the cache has none. */
  get(key: Key): Promise<Value | undefined>;
  /**
   * The value, loaded where the cache has none: one load on this instance however many ask. `undefined` is remembered
   * too, for a shorter time. Rejects with what the load rejects with, or with `deadline-exceeded`.
   */
  getOrLoad<Loaded extends Value | undefined>(
    key: Key,
    load: (signal: AbortSignal) => Promise<Loaded>,
  ): Promise<Value | Extract<Loaded, undefined>>;
  /** The same changes, taking effect when `tx` commits, or not at all. */
  in(tx: Transaction): CacheChanges<Key, Value>;
  /**
   * Saves, then keeps the value here and tells the other instances. Resolves when all is done. Where `save` rejects,
   * nobody can know what was saved: the key is forgotten everywhere and the error passed on.
   */
  writeThrough(key: Key, value: Value, save: (value: Value) => Promise<unknown>): Promise<void>;
  /**
   * Keeps the value here at once and saves it within `writeWindow`, the last value of each key, many in one `save`
   * (the one given last). Tried again until it succeeds, so `save` must be idempotent. A crash loses the values of up
   * to one window; while saving fails, all since. Rejects with `unavailable` when too many values wait.
   */
  writeBehind(key: Key, value: Value, save: SaveBatch<Key, Value>): Promise<void>;
  stats(): CacheStats;
}

export type SaveBatch<Key, Value> = (entries: readonly SavedEntry<Key, Value>[]) => Promise<unknown>;

export interface SavedEntry<Key, Value> {
  readonly key: Key;
  readonly value: Value;
}

/** Counted on this instance since it was started; `entries`, `bytes` and `unsaved` as they are now. */
export interface CacheStats {
  readonly hits: number;
  /** Served after `ttl`, within `staleFor`. */
  readonly staleHits: number;
  /** It was remembered that there is no value. */
  readonly negativeHits: number;
  readonly misses: number;
  readonly loads: number;
  readonly loadFailures: number;
  /** Loads whose value was not kept, because of a deletion meanwhile. */
  readonly loadsDropped: number;
  readonly evictions: number;
  readonly entries: number;
  readonly bytes: number;
  readonly deletionsSent: number;
  readonly deletionsReceived: number;
  /** How often everything was forgotten, since messages may have been missed. */
  readonly flushes: number;
  /** Values of `writeBehind` that wait to be saved. */
  readonly unsaved: number;
  readonly saveFailures: number;
}
