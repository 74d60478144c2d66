import pg from "pg";
import type { PlainValue } from "../../../model/sql.ts";
import type { Statement } from "../port.ts";

/** A statement that may go before another, in one message. */
export interface PlainStatement extends Statement {
  readonly values: readonly PlainValue[];
}

/** Under the name by which its connection knows it. */
export type Named<One extends Statement> = One & { readonly name: string };

type Answered = (error: Error | null, result: pg.QueryResult<object>) => void;

/**
 * Statements that are sent together, with one answer: that of the last. Where one fails the server runs none of those
 * after it, so that nothing takes effect by itself whose `begin` has failed.
 */
export class StatementGroup extends (pg.Query as unknown as QueryOfPg) {
  readonly #before: readonly Named<PlainStatement>[];
  readonly #onDone: (statement: Statement) => void;
  #done = 0;

  /** `onDone` is called for each of those `before` the last, when the server has run it. */
  constructor(
    before: readonly Named<PlainStatement>[],
    { name, text, values }: Named<Statement>,
    onDone: (statement: Statement) => void,
    answered: Answered,
  ) {
    // As text: pg copies an object property by property, which takes longer than to write the statement.
    super(text, values, answered);
    this.name = name;
    this.#before = before;
    this.#onDone = onDone;
  }

  override prepare(connection: ConnectionOfPg): void {
    for (const { name, text, values } of this.#before) {
      if (connection.parsedStatements[name] === undefined) {
        connection.parse({ name, text });
        // Where the server refuses it the group fails, and its names are given up.
        connection.parsedStatements[name] = text;
      }
      connection.bind({ statement: name, values: values.map((value) => (value === null ? null : String(value))) });
      connection.execute({});
    }
    super.prepare(connection);
  }

  override handleDataRow(message: unknown): void {
    if (this.#done === this.#before.length) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, connection: ConnectionOfPg): void {
    const statement = this.#before[this.#done];
    if (statement === undefined) {
      super.handleCommandComplete(message, connection);
      return;
    }
    this.#done += 1;
    this.#onDone(statement);
  }
}

/** What pg does not declare of its queries: what it calls of them to send them, and with what comes back. */
interface MethodsOfPg extends pg.Submittable {
  name: string;
  prepare(connection: ConnectionOfPg): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: ConnectionOfPg): void;
}

type QueryOfPg = new (text: string, values: readonly unknown[], answered: Answered) => MethodsOfPg;

/** What pg does not declare of its connections: the messages, and the statements that it takes for prepared. */
interface ConnectionOfPg {
  readonly parsedStatements: Record<string, string>;
  parse(message: { readonly name: string; readonly text: string }): void;
  bind(message: { readonly statement: string; readonly values: readonly (string | null)[] }): void;
  execute(message: object): void;
}
