/** The least that blocks share of a database: one statement, positional parameters, rows as objects. */
export interface Sql {
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<readonly Row[]>;
}

/** A value that is the same in every form in which it may be sent. */
export type PlainValue = string | number | bigint | boolean | null;
