import { TrellisError } from "../../../model/errors.ts";
import type { TransactionScope } from "../../../model/transaction.ts";
import type { Runner, Statement, StatementResult } from "../port.ts";
import type { Connection } from "./connection.ts";
import { isConnectionLost, isStalePlan, isWorthRepeating } from "./database-error.ts";

/** The inside of one attempt at a transaction. */
export class TransactionRunner implements Runner, TransactionScope {
  readonly #connection: Connection;
  readonly #hooks: (() => void)[] = [];
  #open = true;
  #repeatable = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Whether a statement failed in a way that the whole transaction, run again, may not. */
  get worthRepeating(): boolean {
    return this.#repeatable;
  }

  async run(statement: Statement): Promise<StatementResult> {
    if (!this.#open)
      throw new TrellisError("outside-transaction", {
        says: "A statement was run in a transaction that has ended",
        cure: "Await everything that is done in a transaction before its function returns.",
      });
    return this.#send(statement);
  }

  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const { rows } = await this.run({ text, values });
    return rows as Row[];
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
    if (this.#connection.lost)
      throw new TrellisError("database-unreachable", {
        says: "The connection was lost before the commit: nothing was kept",
      });
    const { command } = await this.#send({ text: "commit", values: [] }).catch((cause) => {
      throw isConnectionLost(cause) ? lostDuringCommit(cause) : cause;
    });
    if (command !== "COMMIT")
      throw new TypeError("A statement failed in this transaction and its error was caught inside: let it through.");
  }

  /** Returns whether the connection can be used again. */
  async rollBack(): Promise<boolean> {
    this.end();
    // Where the connection is lost, the server has rolled back by itself.
    if (this.#connection.lost) return false;
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

  async #send(statement: Statement): Promise<StatementResult> {
    try {
      return await this.#connection.run(statement);
    } catch (cause) {
      this.#repeatable ||= isWorthRepeating(cause) || isStalePlan(cause);
      throw cause;
    }
  }
}

function lostDuringCommit(cause: unknown): TrellisError {
  return new TrellisError("outcome-unknown", {
    says: "The database was lost during the commit: what was done may or may not have been kept",
    cause,
  });
}
