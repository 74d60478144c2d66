import type { Kysely } from "kysely";
import type { Transaction } from "../../model/transaction.ts";
import type { ServiceDatabase, TransactionOptions } from "./port.ts";
import { queriesOn } from "./queries-on.ts";

/**
 * Kysely's query builder, without what would go around `transaction`. `bigint` columns are read as `bigint`,
 * `timestamptz` as `Date`, `numeric` as text.
 */
export type Queries<Tables> = Omit<
  Kysely<Tables>,
  "transaction" | "startTransaction" | "connection" | "destroy" | typeof Symbol.asyncDispose
>;

/** What handlers call. Statements on it take effect at once; those on `in(tx)` with the transaction. */
export interface Database<Tables> extends Queries<Tables> {
  /** Throws where `tx` is not an open transaction of this service's database. */
  in(tx: Transaction): Queries<Tables>;
  /**
   * Commits what `run` did in `tx`, unless it throws or returns a `Failure`; both reach the caller. `run` is called
   * again after a serialization failure or a deadlock, so it changes nothing but what it does `in(tx)`.
   */
  transaction<T>(run: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** For reads that may be a little behind. */
  readonly replica: Queries<Tables>;
}

export function databaseHandle<Tables>(service: ServiceDatabase): Database<Tables> {
  const inside = new WeakMap<Transaction, Queries<Tables>>();
  return Object.assign<Queries<Tables>, Omit<Database<Tables>, keyof Queries<Tables>>>(queriesOn<Tables>(service), {
    in: (tx) => {
      const known = inside.get(tx);
      if (known) return known;
      const queries = queriesOn<Tables>(service.in(tx));
      inside.set(tx, queries);
      return queries;
    },
    transaction: (run, options) => service.transaction(run, options),
    replica: queriesOn<Tables>(service.replica),
  });
}
