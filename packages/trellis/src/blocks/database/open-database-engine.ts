import { AsyncLocalStorage } from "node:async_hooks";
import type { Mode } from "../../model/block.ts";
import type { Stopwatch } from "../../model/clock.ts";
import type { Log } from "../../model/log.ts";
import type { Metrics, Reading } from "../../model/metrics.ts";
import type { Sql } from "../../model/sql.ts";
import type { Transaction } from "../../model/transaction.ts";
import type { ConnectionSettings } from "./connections/client-config.ts";
import { ConnectionFigures } from "./connections/connection-figures.ts";
import { type Chances, connect } from "./connections/connector.ts";
import { waitMsDefault } from "./connections/limits.ts";
import { Pool } from "./connections/pool.ts";
import { type Connect, migrate, pendingMigrations } from "./migrating/migrate.ts";
import type { AppliedMigration, DatabaseEngine, Migrations, TransactionOptions } from "./port.ts";
import { PostgresService, type TransactionHere } from "./postgres-service.ts";
import { serviceSchema } from "./service-schema.ts";

export interface DatabaseEngineOptions extends Chances {
  /** Where the server is. An embedded one says it itself. */
  readonly url: string;
  /** Connections for transactions and changes, a service. */
  readonly poolMax: number;
  /** Connections that reads share, a service. */
  readonly pipelines: number;
  readonly statementTimeoutMs: number;
  /** The longest wait for a connection: for the server, or for a free one of a pool. 5 s unless said otherwise. */
  readonly waitMs?: number;
  readonly mode: Mode;
  readonly log: Log;
  /** Both or nothing is measured. */
  readonly metrics?: Metrics;
  readonly stopwatch?: Stopwatch;
}

/** Connections that the platform keeps for its own tables: claims and ends of jobs, and whatever must not wait for them. */
const platformPoolMax = 3;
const platformName = "trellis";
/**
 * The platform finds its own rows by index. A plan that is made while a table is empty would read it from end to end and
 * be kept, and jobs and events come in bursts that are faster than PostgreSQL's statistics.
 */
const platformOptions = "-c enable_seqscan=off -c jit=off";

/** Opens no connection until one is needed. */
export function openDatabaseEngine(options: DatabaseEngineOptions): DatabaseEngine {
  return new PostgresEngine(options);
}

class PostgresEngine implements DatabaseEngine {
  readonly platform: Sql;
  readonly #options: DatabaseEngineOptions;
  readonly #here: AsyncLocalStorage<TransactionHere> | undefined;
  readonly #services = new Map<string, PostgresService>();
  readonly #platform: PostgresService;
  readonly #ending = new AbortController();
  #closing: Promise<unknown> | undefined;

  constructor(options: DatabaseEngineOptions) {
    this.#options = options;
    this.#here = options.mode === "production" ? undefined : new AsyncLocalStorage();
    this.#platform = this.#open(platformName, platformPoolMax, 0);
    options.metrics?.gauge(
      "trellis_database_connections",
      "Connections that are open or idle, callers that wait for one, and reads on their way over shared ones.",
      () => this.#connections(),
    );
    const platform = this.#platform;
    this.platform = {
      async query<Row extends object>(text: string, values: readonly unknown[] = []) {
        const { rows } = await platform.run({ text, values });
        return rows as Row[];
      },
    };
  }

  transaction<T>(run: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T> {
    return this.#platform.transaction(run, options);
  }

  service(name: string): PostgresService {
    const schema = serviceSchema(name);
    const known = this.#services.get(schema);
    if (known) return known;
    const { poolMax, pipelines } = this.#options;
    const service = this.#open(schema, poolMax, pipelines);
    this.#services.set(schema, service);
    return service;
  }

  migrate(migrations: Migrations): Promise<readonly AppliedMigration[]> {
    return migrate(this.platform, this.#connectAtLeisure, migrations);
  }

  pendingMigrations(migrations: Migrations): Promise<readonly AppliedMigration[]> {
    return pendingMigrations(this.platform, migrations);
  }

  openTransactionHere(service?: string): boolean {
    const here = this.#here?.getStore();
    return here?.open === true && (service === undefined || here.schema === serviceSchema(service));
  }

  async healthy(): Promise<void> {
    await this.#platform.replica.run({ text: "select 1", values: [] });
  }

  stats(): Readonly<Record<string, number>> {
    const all = [...this.#services].flatMap(([schema, service]) =>
      Object.entries(service.stats()).map(([name, value]) => [`${schema}.${name}`, value] as const),
    );
    return Object.fromEntries(all);
  }

  close(): Promise<void> {
    // What runs is waited for; a server that is not there is not.
    this.#ending.abort();
    this.#closing ??= Promise.all([this.#platform, ...this.#services.values()].map((service) => service.close()));
    return this.#closing.then(() => undefined);
  }

  readonly #connectAtLeisure: Connect = () => connect(this.#settings(platformName, 0), this.#chances(undefined));

  #open(schema: string, poolMax: number, pipelines: number): PostgresService {
    const { clock, random, log, statementTimeoutMs } = this.#options;
    const settings = this.#settings(schema, statementTimeoutMs);
    const chances = this.#chances(this.#figures(schema));
    return new PostgresService({
      schema,
      pool: new Pool(poolMax, settings, chances),
      pipelines,
      connect: () => connect(settings, chances),
      clock,
      random,
      log,
      here: this.#here,
    });
  }

  #chances(figures: ConnectionFigures | undefined): Chances {
    const { clock, random, tracing } = this.#options;
    return { clock, random, ending: this.#ending.signal, figures, tracing };
  }

  #figures(schema: string): ConnectionFigures | undefined {
    const { metrics, stopwatch } = this.#options;
    return metrics?.on && stopwatch ? new ConnectionFigures(metrics, schema, stopwatch) : undefined;
  }

  #connections(): readonly Reading[] {
    return [this.#platform, ...this.#services.values()].flatMap((service) =>
      Object.entries(service.stats()).map(([state, value]) => ({ labels: { service: service.schema, state }, value })),
    );
  }

  #settings(schema: string, statementTimeoutMs: number): ConnectionSettings {
    return {
      url: this.#options.url,
      schema,
      ...(schema === platformName ? { options: platformOptions } : {}),
      applicationName: schema === platformName ? "trellis" : `trellis ${schema}`,
      statementTimeoutMs,
      waitMs: this.#options.waitMs ?? waitMsDefault,
    };
  }
}
