import type { Sql } from "../../../model/sql.ts";

/**
 * Runs a statement in a caller's transaction that finds its rows by index, whatever PostgreSQL thinks. A plan that is
 * made while a table is empty reads it from end to end, is kept, and is a disaster when the table has grown; the
 * platform's own connections never plan so, an app's do. The three are sent at once.
 */
export async function byIndex<Row extends object>(
  tx: Sql,
  text: string,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  const [, rows] = await Promise.all([
    tx.query("set local enable_seqscan = off"),
    tx.query<Row>(text, values),
    tx.query("set local enable_seqscan to default"),
  ]);
  return rows;
}
