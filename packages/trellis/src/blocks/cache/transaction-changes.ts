import { scopeOf, type Transaction } from "../../model/transaction.ts";
import type { Announcement } from "./announcements.ts";
import type { CacheChanges } from "./port.ts";
import type { Shelf } from "./shelf.ts";

export interface TransactionChangesOptions<Key, Value> {
  readonly tx: Transaction;
  readonly shelf: Shelf<Value>;
  readonly keyOf: (key: Key) => string;
  /** Tells the other instances, with the commit. */
  readonly announce: (announcement: Announcement, tx: Transaction) => Promise<void>;
}

interface Put<Value> {
  readonly value: Value;
  /** When it was put: what is deleted by others until the commit may be newer. */
  readonly since: number;
}

/** What one transaction will change in the cache: done here right after its commit, never after a rollback. */
export class TransactionChanges<Key, Value> implements CacheChanges<Key, Value> {
  readonly #options: TransactionChangesOptions<Key, Value>;
  readonly #keys = new Set<string>();
  readonly #tags = new Set<string>();
  readonly #puts = new Map<string, Put<Value>>();

  constructor(options: TransactionChangesOptions<Key, Value>) {
    this.#options = options;
    scopeOf(options.tx).afterCommit(() => this.#apply());
  }

  async put(key: Key, value: Value): Promise<void> {
    const { shelf, keyOf } = this.#options;
    shelf.admit(value);
    const name = keyOf(key);
    this.#puts.set(name, { value, since: shelf.now });
    await this.#announce([name], []);
  }

  async delete(...keys: readonly Key[]): Promise<void> {
    const names = keys.map(this.#options.keyOf);
    for (const name of names) {
      this.#keys.add(name);
      this.#puts.delete(name);
    }
    await this.#announce(names, []);
  }

  async deleteTagged(...tags: readonly string[]): Promise<void> {
    const { shelf } = this.#options;
    for (const tag of tags) {
      this.#tags.add(tag);
      for (const [name, { value }] of this.#puts) if (shelf.tagsOf(value).includes(tag)) this.#puts.delete(name);
    }
    await this.#announce([], tags);
  }

  async #announce(keys: readonly string[], tags: readonly string[]): Promise<void> {
    if (keys.length + tags.length > 0) await this.#options.announce({ keys, tags }, this.#options.tx);
  }

  #apply(): void {
    const { shelf } = this.#options;
    const newest = [...this.#puts].filter(([name, { value, since }]) => !shelf.isDeleted(since, name, value));
    for (const name of this.#keys) shelf.delete(name);
    for (const tag of this.#tags) shelf.deleteTagged(tag);
    for (const name of this.#puts.keys()) shelf.delete(name);
    for (const [name, { value }] of newest) shelf.replace(name, value);
  }
}
