import type { EngineName } from "../../model/block.ts";
import type { Sql } from "../../model/sql.ts";
import type { Isolation, Transaction } from "../../model/transaction.ts";

/** What the runtime opens once per instance and hands to blocks: one PostgreSQL server, embedded or networked. */
export interface DatabaseEngine {
  /** Autocommit statements on the platform's own tables, which lie in the schema `trellis`: write `trellis.TABLE`. */
  readonly platform: Sql;
  /** A transaction on the platform's own tables. */
  transaction<T>(run: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** The connections of one service, whose schema comes first on their search path. The same object each time. */
  service(name: string): ServiceDatabase;
  /** Runs the migrations of `folder` that have not run yet: a block's own tables, or a service's. */
  migrate(migrations: Migrations): Promise<readonly AppliedMigration[]>;
  /** What `migrate` would run. Changes nothing. */
  pendingMigrations(migrations: Migrations): Promise<readonly AppliedMigration[]>;
  /**
   * Whether the code now running is inside a transaction, of this service where one is named: then a side effect that
   * does not use `in(tx)` is a mistake. Known in development and tests only; false in production.
   */
  openTransactionHere(service?: string): boolean;
  /** Throws `database-unreachable` when a statement cannot be run. */
  healthy(): Promise<void>;
  stats(): Readonly<Record<string, number>>;
  /** Waits for what runs, then lets go of every connection. */
  close(): Promise<void>;
}

export const databaseEngine: EngineName<DatabaseEngine> = "database";

export interface TransactionOptions {
  /** `read committed` unless said otherwise. */
  readonly isolation?: Isolation;
  /** How often it is run again after a serialization failure or a deadlock: 5 times unless said otherwise. */
  readonly retries?: number;
}

/** One service's part of the database. */
export interface ServiceDatabase extends Runner {
  /** The PostgreSQL schema that is the service's own. */
  readonly schema: string;
  /** Reads that may be a little behind the primary. For now they are not. */
  readonly replica: Runner;
  /** Commits what `run` did, unless it throws or returns a `Failure`. */
  transaction<T>(run: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Runs statements in `tx`. Throws where `tx` is not a transaction of this service. */
  in(tx: Transaction): Runner;
  /** Connections that are `open`, `idle`, waited for (`waiting`), and reads on their way (`pipelined`). */
  stats(): Readonly<Record<string, number>>;
}

/** Runs one statement at a time or many at once, whatever connection that takes. */
export interface Runner {
  run(statement: Statement): Promise<StatementResult>;
}

export interface Statement {
  /** One statement, with `$1`, `$2`, … for its values. */
  readonly text: string;
  readonly values: readonly unknown[];
}

export interface StatementResult {
  readonly rows: readonly object[];
  /** Rows that were changed, or that a select gave. */
  readonly count: number;
  /** `SELECT`, `INSERT`, … */
  readonly command: string;
}

/** A folder of numbered files, and who they belong to. */
export interface Migrations {
  /** A service's name, or `trellis:PART` for the platform's own. */
  readonly owner: string;
  /** Created where it is missing; first on the search path of the files. */
  readonly schema: string;
  /** A path, or a file URL as `import.meta.resolve` gives it. */
  readonly folder: string;
}

export interface AppliedMigration {
  readonly owner: string;
  readonly number: number;
  /** The file's name. */
  readonly file: string;
}

/** The PostgreSQL server that Trellis brings along, while it runs. */
export interface EmbeddedServer {
  /** Where its database `trellis` is reached; by way of a socket in the file system. */
  readonly url: string;
  /** PostgreSQL's process. */
  readonly pid: number;
  /**
   * How it came to run. `recovered`: it had been killed, and has brought its data back to the last commit. `adopted`: it
   * ran already, since a supervisor that was killed.
   */
  readonly origin: "created" | "started" | "recovered" | "adopted";
  /** Resolves when the server has ended, however that came about. */
  readonly ended: Promise<void>;
  /** Ends the connections, writes everything down and stops. */
  stop(): Promise<void>;
}
