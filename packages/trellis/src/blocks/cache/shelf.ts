import type { Clock, Random } from "../../model/clock.ts";
import { Deletions } from "./deletions.ts";
import { Entry } from "./entry.ts";
import { freezeDeeply } from "./freeze.ts";
import { jsonBytes } from "./json-bytes.ts";
import type { CacheSettings } from "./settings.ts";
import { Tier } from "./tier.ts";

/** What an entry takes besides its key and value: itself, its promise and its places in lists (230 on Node 24.21). */
const entryBytes = 256;
const noTags: readonly string[] = [];

export interface ShelfTools<Value> {
  readonly clock: Clock;
  readonly random: Random;
  /** Throws where the value does not fit. */
  readonly check: (value: Value) => void;
  /** In development and tests. */
  readonly freezes: boolean;
}

/**
 * The values that this instance has, and the rule of what may be kept: nothing that was read before a deletion that
 * concerns it. That there is no value is kept apart, so that a scan for what does not exist pushes out no value.
 */
export class Shelf<Value> {
  readonly values: Tier<Value>;
  readonly absences: Tier<Value>;
  readonly #deletions = new Deletions();
  readonly #settings: CacheSettings<never, Value>;
  readonly #tools: ShelfTools<Value>;

  constructor(settings: CacheSettings<never, Value>, tools: ShelfTools<Value>) {
    const forAbsences = Math.floor(settings.bytesMax / 8);
    this.values = new Tier(settings.bytesMax - forAbsences);
    this.absences = new Tier(forAbsences);
    this.#settings = settings;
    this.#tools = tools;
  }

  /** The moment to note before reading what will be offered to `keep`. */
  get now(): number {
    return this.#deletions.now;
  }

  /** Whether a load that began at `readAt` may still bring what was deleted since. */
  isOutdated(readAt: number, key: string): boolean {
    return this.#deletions.mayConcern(readAt, key);
  }

  /** Whether the value, known since that moment, was deleted or replaced meanwhile. */
  isDeleted(since: number, key: string, value: Value): boolean {
    return this.#deletions.concern(since, key, this.tagsOf(value));
  }

  tagsOf(value: Value | undefined): readonly string[] {
    return value === undefined ? noTags : (this.#settings.tagsOf?.(value) ?? noTags);
  }

  /** Makes the value fit to be shared. Throws where it does not fit the schema. */
  admit(value: Value): void {
    this.#tools.check(value);
    if (this.#tools.freezes) freezeDeeply(value);
  }

  /** Keeps what was read at `readAt`, unless it was deleted since. Returns whether it was kept. */
  keep(key: string, value: Value | undefined, readAt: number): boolean {
    const tags = this.tagsOf(value);
    // What a missing value would have been tagged with, nobody knows.
    const concerned =
      value === undefined ? this.#deletions.mayConcern(readAt, key) : this.#deletions.concern(readAt, key, tags);
    const present = this.values.peek(key) ?? this.absences.peek(key);
    const later = present !== undefined && present.readAt > readAt;
    if (concerned) {
      // What an even earlier load left behind is no better than what was just refused.
      if (!later) this.#remove(key);
      return false;
    }
    if (!later) this.#set(key, value, readAt, tags);
    return !later;
  }

  /** Keeps the value as the newest there is: no load that began before replaces it. */
  replace(key: string, value: Value): void {
    this.#deletions.addKey(key);
    this.keep(key, value, this.now);
  }

  delete(key: string): void {
    this.#deletions.addKey(key);
    this.#remove(key);
  }

  deleteTagged(tag: string): void {
    this.#deletions.addTag(tag);
    this.values.deleteTagged(tag);
  }

  clear(): void {
    this.#deletions.addAll();
    this.values.clear();
    this.absences.clear();
  }

  #remove(key: string): void {
    this.values.delete(key);
    this.absences.delete(key);
  }

  #set(key: string, value: Value | undefined, readAt: number, tags: readonly string[]): void {
    const now = this.#tools.clock.now();
    const { ttlMs, staleMs, negativeMs, jitter } = this.#settings;
    const spread = 1 + jitter * (2 * this.#tools.random() - 1);
    const freshUntil = now + (value === undefined ? negativeMs : ttlMs) * spread;
    const entry = new Entry({
      key,
      value,
      freshUntil,
      staleUntil: value === undefined ? freshUntil : freshUntil + staleMs,
      readAt,
      tags,
      bytes: entryBytes + key.length + (value === undefined ? 0 : jsonBytes(value)),
    });
    (value === undefined ? this.values : this.absences).delete(key);
    (value === undefined ? this.absences : this.values).set(entry);
  }
}
