import pg from "pg";
import { TrellisError } from "../../../model/errors.ts";
import { type ConnectionSettings, clientConfig } from "./client-config.ts";
import { Connection, type Patience } from "./connection.ts";
import { type Chances, patiently } from "./connector.ts";
import { idleConnectionMs } from "./limits.ts";

export interface Loan {
  readonly connection: Connection;
  /** Must be called once, whatever happened. A connection that is not `usable` is closed. */
  giveBack(usable?: boolean): void;
}

/** Connections that are used by one at a time: for transactions, and for whatever a read must not wait behind. */
export class Pool {
  readonly #pool: pg.Pool;
  readonly #connections = new WeakMap<pg.PoolClient, Connection>();
  readonly #chances: Chances;
  readonly #max: number;
  readonly #waitMs: number;
  readonly #patience: Patience;
  readonly #name: string;

  constructor(max: number, settings: ConnectionSettings, chances: Chances) {
    this.#max = max;
    this.#waitMs = settings.waitMs;
    this.#name = settings.applicationName;
    this.#chances = chances;
    this.#patience = {
      clock: chances.clock,
      statementTimeoutMs: settings.statementTimeoutMs,
      figures: chances.figures,
      tracing: chances.tracing,
    };
    this.#pool = new pg.Pool({
      ...clientConfig(settings),
      max,
      idleTimeoutMillis: idleConnectionMs,
      allowExitOnIdle: true,
    });
    // An idle connection was lost. The pool has dropped it; whoever needs one next gets another.
    this.#pool.on("error", () => undefined);
    // From the start: the server may end a connection in the very message that it is ready, before anyone has it.
    this.#pool.on("connect", (client) => this.#connections.set(client, new Connection(client, this.#patience)));
  }

  get stats(): { readonly open: number; readonly idle: number; readonly waiting: number } {
    return { open: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#pool.waitingCount };
  }

  /** Throws `unavailable` where all connections stay busy, `database-unreachable` where there is no server. */
  async lend(): Promise<Loan> {
    if (this.#chances.ending?.aborted)
      throw new TrellisError("database-unreachable", { says: "This instance has let go of its database" });
    const { figures } = this.#chances;
    const askedMs = figures?.now() ?? 0;
    const client = await patiently(() => this.#pool.connect(), this.#waitMs, this.#chances).catch((cause) => {
      figures?.waited(askedMs);
      throw isAllBusy(cause) ? this.#busy(cause) : cause;
    });
    figures?.waited(askedMs);
    const connection = this.#connections.get(client);
    if (!connection) throw new TypeError("The pool gave a connection that it has not made");
    return { connection, giveBack: (usable = true) => client.release(connection.lost || !usable) };
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  #busy(cause: unknown): TrellisError {
    return new TrellisError("unavailable", {
      says: `All ${this.#max} database connections of ${this.#name} stayed busy for ${this.#waitMs} ms`,
      cure: "Try again shortly; shorten the transactions, or raise TRELLIS_DATABASE_CONNECTIONS.",
      cause,
    });
  }
}

/** pg-pool has no code for it. */
function isAllBusy(cause: unknown): boolean {
  return cause instanceof Error && cause.message === "timeout exceeded when trying to connect";
}
