import type { Sql } from "../../../model/sql.ts";
import { byIndex } from "./by-index.ts";

/** What became of the wish: it will not begin; its worker is asked to end it; or there was nothing to cancel. */
export type Cancelled = "dropped" | "asked" | "nothing";

interface CancelAsk {
  readonly id: string;
  readonly queue: string;
  readonly keepForMs: number;
  readonly inTransaction: boolean;
}

/** Takes back a job that has not begun, and asks for the end of one that has. */
export async function cancelJob(sql: Sql, { id, queue, keepForMs, inTransaction }: CancelAsk): Promise<Cancelled> {
  const values = [id, queue, keepForMs];
  type Row = { readonly asked: boolean };
  const [row] = inTransaction ? await byIndex<Row>(sql, cancel, values) : await sql.query<Row>(cancel, values);
  if (!row) return "nothing";
  return row.asked ? "asked" : "dropped";
}

const cancel = `
  with asked as (
    update trellis.job set cancelled = true where id = $1 and queue = $2 and state = 'running' returning true as asked
  ),
  gone as (
    delete from trellis.job where id = $1 and queue = $2 and state <> 'running' returning *
  ),
  kept as (
    insert into trellis.finished_job (id, queue, attempts, enqueued_at, error, state, until)
    select id, queue, attempts, enqueued_at, error, 'cancelled', now() + $3::double precision * interval '1 ms' from gone
  )
  select asked from asked union all select false from gone`;
