/** The least that blocks share of a database: one statement, positional parameters, rows as objects. */
export interface Sql {
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<readonly Row[]>;
}
