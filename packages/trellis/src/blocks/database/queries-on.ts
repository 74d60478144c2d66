import {
  type ConnectionProvider,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import type { Runner } from "./port.ts";

/** Kysely on `runner`, which decides what connection each statement takes. */
export function queriesOn<Tables>(runner: Runner): Kysely<Tables> {
  const connection = new RunnerConnection(runner);
  const provider: ConnectionProvider = { provideConnection: (use) => use(connection) };
  return new Kysely<Tables>({
    config: { dialect },
    dialect,
    driver,
    executor: new DefaultQueryExecutor(compiler, adapter, provider),
  });
}

const adapter = new PostgresAdapter();
const compiler = new PostgresQueryCompiler();

const notHere = (): Promise<never> => Promise.reject(new TypeError("Use `db.transaction(async (tx) => …)`."));

/** Kysely would open transactions and connections by it: those are `db.transaction`'s to open. */
const driver: Driver = {
  init: () => Promise.resolve(),
  acquireConnection: notHere,
  beginTransaction: notHere,
  commitTransaction: notHere,
  rollbackTransaction: notHere,
  releaseConnection: () => Promise.resolve(),
  destroy: () => Promise.resolve(),
};

const dialect: Dialect = {
  createAdapter: () => adapter,
  createDriver: () => driver,
  createIntrospector: (queries) => new PostgresIntrospector(queries),
  createQueryCompiler: () => compiler,
};

const changes = new Set(["INSERT", "UPDATE", "DELETE", "MERGE"]);

class RunnerConnection implements DatabaseConnection {
  readonly #runner: Runner;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  async executeQuery<Row>({
    sql,
    parameters,
  }: {
    sql: string;
    parameters: readonly unknown[];
  }): Promise<QueryResult<Row>> {
    const { rows, count, command } = await this.#runner.run({ text: sql, values: parameters });
    if (!changes.has(command)) return { rows: rows as Row[] };
    return { rows: rows as Row[], numAffectedRows: BigInt(count) };
  }

  // biome-ignore lint/correctness/useYield: Kysely's port asks for a generator.
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new TypeError("Statements are not streamed here: read a page at a time, with `limit` and the last key.");
  }
}
