import { LRUCache } from "lru-cache";
import type { Entry } from "./entry.ts";

/** The entries of one process, bounded by bytes; what was not read for longest makes room. Knows which have a tag. */
export class Tier<Value> {
  readonly #entries: LRUCache<string, Entry<Value>>;
  readonly #keysOfTag = new Map<string, Set<string>>();
  #evictions = 0;

  constructor(bytesMax: number) {
    this.#entries = new LRUCache<string, Entry<Value>>({
      maxSize: Math.max(1, bytesMax),
      sizeCalculation: (entry) => entry.bytes,
      dispose: (entry, key, reason) => {
        if (reason === "evict") this.#evictions++;
        if (entry.tags.length > 0) this.#untag(key, entry.tags);
      },
    });
  }

  get evictions(): number {
    return this.#evictions;
  }

  get entries(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#entries.calculatedSize;
  }

  get(key: string): Entry<Value> | undefined {
    return this.#entries.get(key, plainRead);
  }

  /** The entry without counting as a read. */
  peek(key: string): Entry<Value> | undefined {
    return this.#entries.peek(key);
  }

  set(key: string, entry: Entry<Value>): void {
    this.#entries.set(key, entry);
    // An entry larger than the whole tier is not kept.
    if (entry.tags.length > 0 && this.#entries.has(key)) this.#tag(key, entry.tags);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  deleteTagged(tag: string): void {
    const keys = this.#keysOfTag.get(tag);
    if (keys) for (const key of [...keys]) this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#keysOfTag.clear();
  }

  #tag(key: string, tags: readonly string[]): void {
    for (const tag of tags) {
      const keys = this.#keysOfTag.get(tag);
      if (keys) keys.add(key);
      else this.#keysOfTag.set(tag, new Set([key]));
    }
  }

  #untag(key: string, tags: readonly string[]): void {
    for (const tag of tags) {
      const keys = this.#keysOfTag.get(tag);
      keys?.delete(key);
      if (keys?.size === 0) this.#keysOfTag.delete(tag);
    }
  }
}

/** Given to every read, so that `lru-cache` makes no object of its own for each. */
const plainRead = {};
