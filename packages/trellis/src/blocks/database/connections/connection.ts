import { LRUCache } from "lru-cache";
import type pg from "pg";
import type { Clock } from "../../../model/clock.ts";
import type { Tracing } from "../../../model/tracing.ts";
import type { Runner, Statement, StatementResult } from "../port.ts";
import type { ConnectionFigures } from "./connection-figures.ts";
import { databaseError, isStalePlan } from "./database-error.ts";
import { preparedMax, silenceMs } from "./limits.ts";
import { type Named, type PlainStatement, StatementGroup } from "./statement-group.ts";
import { statementName } from "./statement-name.ts";

export interface Patience {
  readonly clock: Clock;
  /** After which the server itself ends a statement. 0: never, so that a silent server is waited for without end. */
  readonly statementTimeoutMs: number;
  /** Without them nothing is measured. */
  readonly figures?: ConnectionFigures | undefined;
  readonly tracing?: Tracing | undefined;
}

/**
 * One connection to PostgreSQL. Statements may be sent while others are still running: they run one after the other,
 * in the order in which they were sent. Every statement is prepared under a name when it first comes, which halves the
 * server's work from then on; the statements used least lately are given up.
 *
 * A server that owes an answer and is silent for longer than any statement may take is gone: cut off by the network,
 * which tells nobody, or frozen. Its connection is given up, so that those who wait for it hear, and others take its place.
 */
export class Connection implements Runner {
  readonly #client: pg.Client | pg.PoolClient;
  readonly #names: LRUCache<string, string>;
  readonly #patience: Patience;
  #watched = false;
  #answers = 0;
  #namesGiven = 0;
  #inFlight = 0;
  #lost = false;

  /** `client` is connected, and was made with `clientConfig`. */
  constructor(client: pg.Client | pg.PoolClient, patience: Patience) {
    this.#client = client;
    this.#patience = patience;
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

  /** `before` goes with it, in one message. Where one of those fails, so does this, with its error, and was not run. */
  run(statement: Statement, before: readonly PlainStatement[] = []): Promise<StatementResult> {
    const { tracing } = this.#patience;
    // What nobody asked for, such as looking for work, is no story of its own.
    if (!tracing?.on || tracing.current() === undefined) return this.#run(statement, before);
    const name = statementName(statement.text);
    const summary = [...before.map(({ text }) => statementName(text)), name].join("; ");
    const attributes = { "db.system.name": "postgresql", "db.query.summary": summary };
    return tracing.span({ name, kind: "client", attributes }, () => this.#run(statement, before));
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

  async #run(statement: Statement, before: readonly PlainStatement[]): Promise<StatementResult> {
    this.#inFlight += 1;
    if (!this.#watched) this.#watch();
    const { figures } = this.#patience;
    const sentMs = figures?.now() ?? 0;
    let done = 0;
    const answered = (text: string): void => {
      figures?.answered(text, sentMs);
      this.#answers += 1;
    };
    try {
      return await this.#send(statement, before, ({ text }) => {
        done += 1;
        answered(text);
      });
    } catch (cause) {
      // The names may stand for nothing now: pg lets go of a statement whose values it could not write.
      for (const { text } of before.slice(done)) this.#names.delete(text);
      this.#names.delete(statement.text);
      figures?.failed();
      throw isStalePlan(cause) ? cause : databaseError(cause, (before[done] ?? statement).text);
    } finally {
      answered(statement.text);
      this.#inFlight -= 1;
    }
  }

  /** One timer at a time looks whether anything was answered since it was set: a statement costs none of its own. */
  #watch(): void {
    const { clock, statementTimeoutMs } = this.#patience;
    if (statementTimeoutMs === 0) return;
    this.#watched = true;
    const before = this.#answers;
    clock.after(statementTimeoutMs + silenceMs, () => {
      this.#watched = false;
      if (this.#inFlight === 0 || this.#lost) return;
      if (this.#answers === before) this.#wire.stream.destroy();
      else this.#watch();
    });
  }

  get #wire(): WireConnection {
    return (this.#client as unknown as { connection: WireConnection }).connection;
  }

  #send(
    statement: Statement,
    before: readonly PlainStatement[],
    onDone: (statement: Statement) => void,
  ): Promise<StatementResult> {
    return new Promise((resolve, reject) => {
      const group = new StatementGroup(
        before.map((one) => this.#named(one)),
        this.#named(statement),
        onDone,
        (error, result) => {
          // pg's types promise an error or null; a success has none.
          if (error) reject(error);
          else resolve({ rows: result.rows, count: result.rowCount ?? 0, command: result.command });
        },
      );
      this.#client.query(group);
    });
  }

  /** Never the same name twice on a connection, so that one given up can still be on its way. */
  #named<One extends Statement>(statement: One): Named<One> {
    const { text } = statement;
    let name = this.#names.get(text);
    if (name === undefined) {
      this.#namesGiven += 1;
      name = `s${this.#namesGiven}`;
      this.#names.set(text, name);
    }
    return { ...statement, name };
  }

  #close(name: string): void {
    if (this.#lost) return;
    const wire = this.#wire;
    delete wire.parsedStatements[name];
    wire.close({ type: "S", name });
  }
}

/** What pg does not declare: the connection's socket and messages, and the statements that it takes for prepared. */
interface WireConnection {
  readonly stream: { destroy(): void };
  readonly parsedStatements: Record<string, string>;
  /** No answer is waited for: the server's comes with that of the next statement. */
  close(statement: { type: "S"; name: string }): void;
}
