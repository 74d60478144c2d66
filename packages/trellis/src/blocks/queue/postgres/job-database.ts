import type { Sql } from "../../../model/sql.ts";
import type { Transaction } from "../../../model/transaction.ts";

/** What jobs need of a PostgreSQL server. */
export interface JobDatabase {
  /** Autocommit statements. Planned by index only: jobs come in bursts, faster than statistics. */
  readonly platform: Sql;
  transaction<T>(run: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Whether the code now running is inside a transaction of this service. Known in development and tests only. */
  openTransactionHere(service?: string): boolean;
}
