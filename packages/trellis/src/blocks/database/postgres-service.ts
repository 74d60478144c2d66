import type { AsyncLocalStorage } from "node:async_hooks";
import { LRUCache } from "lru-cache";
import { TrellisError } from "../../model/errors.ts";
import { isFailure } from "../../model/failure.ts";
import type { Log } from "../../model/log.ts";
import { openTransaction, scopeOf, type Transaction } from "../../model/transaction.ts";
import { backoffMs } from "../../policies/backoff.ts";
import { type Chances, type OwnConnection, pause } from "./connections/connector.ts";
import { retriesDefault, statementsMax } from "./connections/limits.ts";
import { Pipelines } from "./connections/pipelines.ts";
import type { Pool } from "./connections/pool.ts";
import { type StatementKind, statementKind } from "./connections/statement-kind.ts";
import { TransactionRunner } from "./connections/transaction-runner.ts";
import type { Runner, ServiceDatabase, Statement, StatementResult, TransactionOptions } from "./port.ts";

/** For how long a read that was slow takes a connection of the pool, before it may share one again. */
const slowForMs = 60_000;
const retryPause = { baseMs: 10, capMs: 500 } as const;

export interface ServiceParts extends Chances {
  readonly schema: string;
  readonly pool: Pool;
  /** How many connections reads share. 0: every statement takes a connection of the pool. */
  readonly pipelines: number;
  /** Opens one of those. */
  connect(): Promise<OwnConnection>;
  readonly log: Log;
  /** Which transaction the code now running is in. Undefined in production, where nobody asks. */
  readonly here: AsyncLocalStorage<TransactionHere> | undefined;
}

export interface TransactionHere {
  readonly schema: string;
  open: boolean;
}

/** One service's part of a PostgreSQL server. */
export class PostgresService implements ServiceDatabase {
  readonly schema: string;
  readonly replica: Runner;
  readonly #parts: ServiceParts;
  readonly #pipelines: Pipelines | undefined;
  readonly #slowUntilMs = new LRUCache<string, number>({ max: statementsMax });
  readonly #kinds = new LRUCache<string, StatementKind>({ max: statementsMax });

  constructor(parts: ServiceParts) {
    this.schema = parts.schema;
    this.#parts = parts;
    const { clock, connect } = parts;
    const slow = ({ text }: Statement) => this.#slowUntilMs.set(text, clock.now() + slowForMs);
    this.#pipelines = parts.pipelines === 0 ? undefined : new Pipelines(parts.pipelines, { clock, connect, slow });
    this.replica = { run: (statement) => this.#runAlone(statement, this.#kindOf(statement.text)) };
  }

  run(statement: Statement): Promise<StatementResult> {
    const kind = this.#kindOf(statement.text);
    if (kind === "changes" && this.openTransactionHere())
      return Promise.reject(
        new TrellisError("outside-transaction", {
          says: "The database was changed outside of the transaction that is open here",
          cure: "Write `db.in(tx)` instead of `db`, so that it takes effect with the transaction, or not at all.",
        }),
      );
    return this.#runAlone(statement, kind);
  }

  in(tx: Transaction): Runner {
    const scope = scopeOf(tx);
    if (scope instanceof TransactionRunner && scope.service === this) return scope;
    throw new TrellisError("outside-transaction", {
      says: `This is no transaction of ${this.schema}'s database`,
      cure: "Use the `tx` of the same service's `db.transaction`.",
    });
  }

  async transaction<T>(run: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    if (this.openTransactionHere())
      throw new TrellisError("outside-transaction", {
        says: "A transaction was begun inside a transaction of the same database",
        cure: "Pass `tx` on, and use `.in(tx)`.",
      });
    const { clock, random } = this.#parts;
    const retries = options.retries ?? retriesDefault;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(run, options);
      if ("value" in outcome) return outcome.value;
      if (!outcome.worthRepeating || attempt > retries) throw outcome.error;
      await pause(clock, backoffMs(attempt, random, retryPause));
    }
  }

  /** Whether the code now running is inside a transaction of this service. Always false in production. */
  openTransactionHere(): boolean {
    const here = this.#parts.here?.getStore();
    return here?.open === true && here.schema === this.schema;
  }

  stats(): Readonly<Record<string, number>> {
    const { open, idle, waiting } = this.#parts.pool.stats;
    return { open, idle, waiting, pipelined: this.#pipelines?.inFlight ?? 0 };
  }

  async close(): Promise<void> {
    await Promise.all([this.#parts.pool.close(), this.#pipelines?.close()]);
  }

  async #runAlone(statement: Statement, kind: StatementKind): Promise<StatementResult> {
    if (this.#pipelines && kind === "reads" && !this.#isSlow(statement)) return this.#pipelines.run(statement);
    const { connection, giveBack } = await this.#parts.pool.lend();
    try {
      return await connection.runAlone(statement);
    } finally {
      giveBack();
    }
  }

  async #attempt<T>(run: (tx: Transaction) => Promise<T>, { isolation }: TransactionOptions): Promise<Outcome<T>> {
    const { connection, giveBack } = await this.#parts.pool.lend();
    const inside = new TransactionRunner(connection, isolation ?? "read committed", this);
    const tx = openTransaction(inside);
    let usable = true;
    try {
      const value = await this.#runHere(run, tx);
      if (isFailure(value)) usable = await inside.rollBack();
      else await this.#commit(inside);
      return { value };
    } catch (error) {
      usable = await inside.rollBack();
      return { error, worthRepeating: inside.worthRepeating };
    } finally {
      giveBack(usable);
    }
  }

  async #runHere<T>(run: (tx: Transaction) => Promise<T>, tx: Transaction): Promise<T> {
    const { here } = this.#parts;
    if (!here) return run(tx);
    const place: TransactionHere = { schema: this.schema, open: true };
    try {
      return await here.run(place, () => run(tx));
    } finally {
      // What was begun inside and still runs is not in it any more.
      place.open = false;
    }
  }

  async #commit(inside: TransactionRunner): Promise<void> {
    await inside.commit();
    for (const error of inside.committed()) this.#parts.log.error("A step after a commit failed", { error });
  }

  #kindOf(text: string): StatementKind {
    const known = this.#kinds.get(text);
    if (known !== undefined) return known;
    const kind = statementKind(text);
    this.#kinds.set(text, kind);
    return kind;
  }

  #isSlow({ text }: Statement): boolean {
    const until = this.#slowUntilMs.get(text);
    return until !== undefined && this.#parts.clock.now() < until;
  }
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown; readonly worthRepeating: boolean };
