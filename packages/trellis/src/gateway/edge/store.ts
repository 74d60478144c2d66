import { EvictionQueues } from "../../policies/eviction/eviction-queues.ts";
import type { HeaderList } from "../exchange.ts";
import { variantsMax } from "./limits.ts";
import type { StoredAnswer } from "./stored-answer.ts";

/** All that is kept of one address. */
export interface Resource {
  /** On what the answers depend that came last: mostly nothing, and then there is one. */
  readonly vary: readonly string[];
  /** The one that came last first. */
  readonly variants: readonly StoredAnswer[];
}

/** The kept answers: by address, by what `Vary` names, and by tag. Bounded in bytes. */
export class EdgeStore {
  readonly #resources = new Map<string, Resource>();
  readonly #tagged = new Map<string, Set<StoredAnswer>>();
  readonly #queues: EvictionQueues<StoredAnswer>;
  readonly bytesMax: number;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
    this.#queues = new EvictionQueues(bytesMax, (stored) => {
      this.#untag(stored);
      this.#takeOut(stored);
    });
  }

  get bytes(): number {
    return this.#queues.bytes;
  }

  get entries(): number {
    return this.#queues.size;
  }

  resource(key: string): Resource | undefined {
    return this.#resources.get(key);
  }

  /** The answer of a resource that fits the request's fields. */
  static match({ variants }: Resource, headers: HeaderList): StoredAnswer | undefined {
    for (const stored of variants) if (stored.suits(headers)) return stored;
    return undefined;
  }

  /** Whether it is still kept, and not taken out or replaced meanwhile. */
  has(stored: StoredAnswer): boolean {
    return this.#resources.get(stored.key)?.variants.includes(stored) ?? false;
  }

  /** Keeps an answer in the place of the one that it is newer than. */
  put(stored: StoredAnswer): void {
    if (stored.bytes > this.bytesMax) return;
    const old = this.#resources.get(stored.key)?.variants;
    const replaced = old?.find((other) => other.selecting === stored.selecting && sameVary(other, stored));
    const rest = old?.filter((other) => other !== replaced) ?? [];
    for (const dropped of rest.splice(variantsMax - 1)) this.#forget(dropped);
    this.#resources.set(stored.key, { vary: stored.keeping.vary, variants: [stored, ...rest] });
    for (const tag of stored.tags) this.#tag(tag, stored);
    if (replaced) {
      this.#untag(replaced);
      this.#queues.replace(replaced, stored);
    } else this.#queues.add(stored);
  }

  /** Keeps an answer in the place of the one that it was made from, also where it is for other requests now. */
  update(stored: StoredAnswer, updated: StoredAnswer): void {
    if (updated.selecting !== stored.selecting || !sameVary(updated, stored)) this.delete(stored);
    this.put(updated);
  }

  delete(stored: StoredAnswer): void {
    if (!this.has(stored)) return;
    this.#forget(stored);
    this.#takeOut(stored);
  }

  /** Everything of an address. Returns how many there were. */
  deleteKey(key: string): number {
    const variants = this.#resources.get(key)?.variants ?? [];
    this.#resources.delete(key);
    for (const stored of variants) this.#forget(stored);
    return variants.length;
  }

  /** Everything with this tag, of one service or all. */
  deleteTag(tag: string, service: string | undefined): number {
    return this.#deleteAll(this.#tagged.get(tag) ?? [], service);
  }

  /** Everything, of one service or all. */
  deleteAll(service: string | undefined): number {
    const all: StoredAnswer[] = [];
    for (const { variants } of this.#resources.values()) all.push(...variants);
    return this.#deleteAll(all, service);
  }

  #deleteAll(all: Iterable<StoredAnswer>, service: string | undefined): number {
    let deleted = 0;
    for (const stored of [...all]) {
      if (service !== undefined && stored.service !== service) continue;
      this.delete(stored);
      deleted += 1;
    }
    return deleted;
  }

  #forget(stored: StoredAnswer): void {
    this.#queues.remove(stored);
    this.#untag(stored);
  }

  #takeOut(stored: StoredAnswer): void {
    const resource = this.#resources.get(stored.key);
    const variants = resource?.variants.filter((other) => other !== stored) ?? [];
    if (resource && variants.length > 0) this.#resources.set(stored.key, { vary: resource.vary, variants });
    else this.#resources.delete(stored.key);
  }

  #tag(tag: string, stored: StoredAnswer): void {
    const all = this.#tagged.get(tag);
    if (all) all.add(stored);
    else this.#tagged.set(tag, new Set([stored]));
  }

  #untag(stored: StoredAnswer): void {
    for (const tag of stored.tags) {
      const all = this.#tagged.get(tag);
      if (all?.delete(stored) && all.size === 0) this.#tagged.delete(tag);
    }
  }
}

function sameVary(a: StoredAnswer, b: StoredAnswer): boolean {
  return a.keeping.vary.join() === b.keeping.vary.join();
}
