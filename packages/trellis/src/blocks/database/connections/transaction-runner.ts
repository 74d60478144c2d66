import { TrellisError } from "../../../model/errors.ts";
import type { PlainValue } from "../../../model/sql.ts";
import type { Isolation, TransactionScope } from "../../../model/transaction.ts";
import type { Runner, Statement, StatementResult } from "../port.ts";
import type { Connection } from "./connection.ts";
import { isConnectionLost, isStalePlan, isWorthRepeating } from "./database-error.ts";
import { deferredMax } from "./limits.ts";
import type { PlainStatement } from "./statement-group.ts";

/**
 * The inside of one attempt at a transaction. It begins on the server together with its first statement, and its last
 * ones, where nobody needs their answers, go with the commit: one that only writes is one message and one answer.
 */
export class TransactionRunner implements Runner, TransactionScope {
  /** Whose transaction it is. */
  readonly service: object | undefined;
  readonly #connection: Connection;
  readonly #isolation: Isolation;
  readonly #hooks: (() => void)[] = [];
  /** To go with the next statement. */
  #deferred: PlainStatement[];
  /** The answer to the first statement, with which it began. */
  #first: Promise<unknown> | undefined;
  #open = true;
  #repeatable = false;

  constructor(connection: Connection, isolation: Isolation, service?: object) {
    this.service = service;
    this.#connection = connection;
    this.#isolation = isolation;
    this.#deferred = [{ text: `begin isolation level ${isolation}`, values: [] }];
  }

  /** Whether a statement failed in a way that the whole transaction, run again, may not. */
  get worthRepeating(): boolean {
    return this.#repeatable;
  }

  async run(statement: Statement): Promise<StatementResult> {
    this.#mustBeOpen();
    return this.#send(statement);
  }

  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const { rows } = await this.run({ text, values });
    return rows as Row[];
  }

  async defer(text: string, values: readonly PlainValue[]): Promise<void> {
    this.#mustBeOpen();
    if (this.#deferred.length < deferredMax) this.#deferred.push({ text, values });
    else await this.#send({ text, values });
  }

  afterCommit(run: () => void): void {
    this.#hooks.push(run);
  }

  /** No more statements; what was sent before still runs first. */
  end(): void {
    this.#open = false;
  }

  /** After this everything that was done is kept, or it throws. */
  async commit(): Promise<void> {
    this.end();
    const isUnsent = this.#first === undefined;
    if (isUnsent && this.#deferred.length === 1) return;
    if (this.#connection.lost)
      throw new TrellisError("database-unreachable", {
        says: "The connection was lost before the commit: nothing was kept",
      });
    await this.#first?.catch((cause) => {
      throw caught(cause);
    });
    if (isUnsent && this.#isolation === "read committed") await this.#sendWhole();
    else if ((await this.#sendLast(commit)).command !== "COMMIT") throw caught(undefined);
  }

  /** Returns whether the connection can be used again. */
  async rollBack(): Promise<boolean> {
    this.end();
    // Where the connection is lost, the server has rolled back by itself.
    if (this.#connection.lost) return false;
    if (this.#first === undefined) return true;
    return this.#connection.run({ text: "rollback", values: [] }).then(
      () => true,
      () => false,
    );
  }

  /** Calls what was to be called after the commit, each for itself. Returns what they threw. */
  committed(): readonly unknown[] {
    const thrown: unknown[] = [];
    for (const hook of this.#hooks) {
      try {
        hook();
      } catch (error) {
        thrown.push(error);
      }
    }
    return thrown;
  }

  /** What is sent in one message takes effect as a whole or not at all, also without `begin` and `commit`. */
  async #sendWhole(): Promise<void> {
    const [, ...statements] = this.#deferred;
    const last = statements.pop();
    if (last === undefined) return;
    this.#deferred = statements;
    await this.#sendLast(last);
  }

  /** After this it has taken effect, or it throws. */
  async #sendLast(statement: Statement): Promise<StatementResult> {
    try {
      return await this.#send(statement);
    } catch (cause) {
      throw isConnectionLost(cause) ? lostDuringCommit(cause) : cause;
    }
  }

  #mustBeOpen(): void {
    if (this.#open) return;
    throw new TrellisError("outside-transaction", {
      says: "A statement was run in a transaction that has ended",
      cure: "Await everything that is done in a transaction before its function returns.",
    });
  }

  async #send(statement: Statement): Promise<StatementResult> {
    const before = this.#deferred;
    this.#deferred = [];
    try {
      // Sent behind a `begin` that fails, a statement would take effect by itself.
      if (this.#first !== undefined) await this.#first;
      const answer = this.#connection.run(statement, before);
      this.#first ??= answer;
      return await answer;
    } catch (cause) {
      this.#repeatable ||= isWorthRepeating(cause) || isStalePlan(cause);
      throw cause;
    }
  }
}

const commit = { text: "commit", values: [] } as const;

function caught(cause: unknown): TypeError {
  const says = "A statement failed in this transaction and its error was caught inside: let it through.";
  return new TypeError(says, { cause });
}

function lostDuringCommit(cause: unknown): TrellisError {
  return new TrellisError("outcome-unknown", {
    says: "The database was lost during the commit: what was done may or may not have been kept",
    cause,
  });
}
