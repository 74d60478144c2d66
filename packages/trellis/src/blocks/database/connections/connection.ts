import { LRUCache } from "lru-cache";
import type pg from "pg";
import type { Runner, Statement, StatementResult } from "../port.ts";
import { databaseError, isStalePlan } from "./database-error.ts";

/** Distinct statements that stay prepared on one connection. PostgreSQL keeps some 10 KB for each. */
const preparedMax = 256;

/**
 * One connection to PostgreSQL. Statements may be sent while others are still running: they run one after the other,
 * in the order in which they were sent. Every statement is prepared under a name when it first comes, which halves the
 * server's work from then on; the statements used least lately are given up.
 */
export class Connection implements Runner {
  readonly #client: pg.Client | pg.PoolClient;
  readonly #names: LRUCache<string, string>;
  #namesGiven = 0;
  #inFlight = 0;
  #lost = false;

  /** `client` is connected, and was made with `clientConfig`. */
  constructor(client: pg.Client | pg.PoolClient) {
    this.#client = client;
    this.#names = new LRUCache({ max: preparedMax, dispose: (name) => this.#close(name) });
    // A lost connection also fails its statements; without a listener the event would end the process.
    client.on("error", () => {
      this.#lost = true;
    });
    client.on("end", () => {
      this.#lost = true;
    });
  }

  /** Statements that have been sent and not yet answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  get lost(): boolean {
    return this.#lost;
  }

  async run(statement: Statement): Promise<StatementResult> {
    this.#inFlight += 1;
    try {
      return await this.#send(statement);
    } catch (cause) {
      // The name may stand for nothing now: pg lets go of a statement whose values it could not write.
      this.#names.delete(statement.text);
      throw isStalePlan(cause) ? cause : databaseError(cause, statement.text);
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** As `run`, outside of a transaction: then a statement whose table was changed under it can be prepared anew. */
  async runAlone(statement: Statement): Promise<StatementResult> {
    try {
      return await this.run(statement);
    } catch (cause) {
      if (!isStalePlan(cause)) throw cause;
      return this.run(statement);
    }
  }

  /** Several statements in one text, without values. Their results are not given. */
  async runScript(text: string): Promise<void> {
    await this.#client.query(text);
  }

  #send({ text, values }: Statement): Promise<StatementResult> {
    return new Promise((resolve, reject) => {
      void this.#client.query({ name: this.#nameOf(text), text, values: values as unknown[] }, (error, result) => {
        // pg's types promise an error or null; a success has none.
        if (error) reject(error);
        else resolve({ rows: result.rows, count: result.rowCount ?? 0, command: result.command });
      });
    });
  }

  /** Never the same name twice on a connection, so that one given up can still be on its way. */
  #nameOf(text: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    this.#namesGiven += 1;
    const name = `s${this.#namesGiven}`;
    this.#names.set(text, name);
    return name;
  }

  #close(name: string): void {
    if (this.#lost) return;
    const { connection } = this.#client as unknown as { connection: WireConnection };
    delete connection.parsedStatements[name];
    connection.close({ type: "S", name });
  }
}

/** What pg does not declare: the connection's messages, and the statements that it takes for prepared. */
interface WireConnection {
  readonly parsedStatements: Record<string, string>;
  /** No answer is waited for: the server's comes with that of the next statement. */
  close(statement: { type: "S"; name: string }): void;
}
