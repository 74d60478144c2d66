import type { Sql } from "../../model/sql.ts";
import type { Transaction } from "../../model/transaction.ts";

/** The part of the database's engine that schedules need. */
export interface ScheduleDatabase {
  readonly platform: Sql;
  transaction<T>(run: (tx: Transaction) => Promise<T>): Promise<T>;
}
