import { EvictionQueues } from "../../policies/eviction/eviction-queues.ts";
import type { Entry } from "./entry.ts";

const usesMax = 3;

/** The entries of one process, bounded by bytes. Knows which have a tag. */
export class Tier<Value> {
  readonly #bytesMax: number;
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #queues: EvictionQueues<Entry<Value>>;
  readonly #keysOfTag = new Map<string, Set<string>>();
  #evictions = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#queues = new EvictionQueues(bytesMax, (entry) => {
      this.#evictions++;
      this.#entries.delete(entry.key);
      this.#untag(entry);
    });
  }

  get evictions(): number {
    return this.#evictions;
  }

  get entries(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#queues.bytes;
  }

  get(key: string): Entry<Value> | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.uses < usesMax) entry.uses++;
    return entry;
  }

  /** The entry without counting as a read. */
  peek(key: string): Entry<Value> | undefined {
    return this.#entries.get(key);
  }

  /** An entry larger than the whole tier is not kept. */
  set(entry: Entry<Value>): void {
    const { key } = entry;
    const before = this.#entries.get(key);
    if (entry.bytes > this.#bytesMax) {
      if (before) this.#remove(before);
      return;
    }
    this.#entries.set(key, entry);
    this.#tag(entry);
    if (before) {
      this.#untag(before, entry.tags);
      this.#queues.replace(before, entry);
    } else this.#queues.add(entry);
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry) this.#remove(entry);
  }

  deleteTagged(tag: string): void {
    const keys = this.#keysOfTag.get(tag);
    if (keys) for (const key of [...keys]) this.delete(key);
  }

  clear(): void {
    for (const entry of this.#entries.values()) this.#queues.remove(entry);
    this.#entries.clear();
    this.#keysOfTag.clear();
  }

  #remove(entry: Entry<Value>): void {
    this.#entries.delete(entry.key);
    this.#queues.remove(entry);
    this.#untag(entry);
  }

  #tag({ key, tags }: Entry<Value>): void {
    for (const tag of tags) {
      const keys = this.#keysOfTag.get(tag);
      if (keys) keys.add(key);
      else this.#keysOfTag.set(tag, new Set([key]));
    }
  }

  /** `kept`: the tags of what has taken its place. */
  #untag({ key, tags }: Entry<Value>, kept: readonly string[] = []): void {
    for (const tag of tags) {
      if (kept.includes(tag)) continue;
      const keys = this.#keysOfTag.get(tag);
      keys?.delete(key);
      if (keys?.size === 0) this.#keysOfTag.delete(tag);
    }
  }
}
