import type { PlainValue, Sql } from "./sql.ts";

declare const opened: unique symbol;

export type Isolation = "read committed" | "repeatable read" | "serializable";

/** Made by `db.transaction`, a consumer's batch or a job's work; cannot be made by hand. */
export interface Transaction {
  readonly [opened]: Isolation;
}

/** What a block that can change something offers: what is done on `in(tx)` takes effect with `tx`, or not at all. */
export interface Transactional {
  in(tx: Transaction): this;
}

/** The inside of a transaction, for authors of blocks. */
export interface TransactionScope extends Sql {
  /**
   * A statement whose rows nobody needs: it goes with the next statement, or with the commit, and costs no wait of its own.
   * Where it fails so does what it went with, and with it the transaction. Resolves when it has been taken.
   */
  defer(text: string, values: readonly PlainValue[]): Promise<void>;
  /** Runs after the commit, never after a rollback, before `db.transaction` resolves. */
  afterCommit(run: () => void): void;
}

/** A private field, since a `WeakMap` costs the garbage collector something for each transaction. */
class Opened {
  readonly #scope: TransactionScope;

  constructor(scope: TransactionScope) {
    this.#scope = scope;
  }

  static scopeOf(tx: object): TransactionScope | undefined {
    return #scope in tx ? tx.#scope : undefined;
  }
}

/** For the database block: a new transaction with its inside. */
export function openTransaction(scope: TransactionScope): Transaction {
  return new Opened(scope) as unknown as Transaction;
}

/** For authors of blocks: the inside of `tx`, to do one's part in it. */
export function scopeOf(tx: Transaction): TransactionScope {
  const scope = Opened.scopeOf(tx);
  if (!scope) throw new TypeError("Not a transaction of this process: use the `tx` that was handed to you.");
  return scope;
}
