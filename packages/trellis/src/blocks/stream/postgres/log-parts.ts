import type { Clock, Random } from "../../../model/clock.ts";
import type { Log as Lines } from "../../../model/log.ts";
import type { Metrics } from "../../../model/metrics.ts";
import type { Sql } from "../../../model/sql.ts";
import type { Tracing } from "../../../model/tracing.ts";
import type { Transaction } from "../../../model/transaction.ts";
import type { Wakes } from "../../../model/wakes.ts";

/** What streams need of the database. */
export interface LogDatabase {
  /** Autocommit statements on the platform's own tables. */
  readonly platform: Sql;
  /** A transaction on the platform's own tables. */
  transaction<T>(run: (tx: Transaction) => Promise<T>): Promise<T>;
  /** One service's part, whose transactions its handlers write in. */
  service(name: string): { transaction<T>(run: (tx: Transaction) => Promise<T>): Promise<T> };
  /** Whether the code now running is inside a transaction of this service. Always false in production. */
  openTransactionHere(service: string): boolean;
}

/** What the parts of the engine share. */
export interface LogParts {
  readonly database: LogDatabase;
  readonly wakes: Wakes;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Lines;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  /** The name of this instance, for people and figures. */
  readonly instance: string;
}

/** One stream as the tables know it. */
export interface StreamRow {
  readonly id: number;
  readonly service: string;
  readonly name: string;
  readonly partitions: number;
  readonly keepForMs: number;
}

/** `SERVICE.NAME`, as people and figures call a stream. */
export function streamLabel({ service, name }: { readonly service: string; readonly name: string }): string {
  return `${service}.${name}`;
}

/** Woken when a stream has new events. */
export function eventsTopic(stream: Pick<StreamRow, "id">): string {
  return `stream:${stream.id}`;
}
