import { TrellisError } from "../../../model/errors.ts";
import type { Sql } from "../../../model/sql.ts";
import type { NewJob } from "../port.ts";
import { byIndex } from "./by-index.ts";

/** A job on its way into the table. */
export interface InsertedJob extends NewJob {
  readonly id: string;
  readonly priority: number;
  readonly delayMs: number;
}

interface Namesake {
  readonly unique_key: string;
  readonly id: string;
}

/** How often one tries again whose namesake finished at that very moment. */
const triesMax = 5;

/** Inserts all in one statement. Returns their ids in order: of one whose key is in use, the id of the job that has it. */
export async function insertJobs(
  sql: Sql,
  queue: string,
  jobs: readonly InsertedJob[],
  inTransaction: boolean,
): Promise<readonly string[]> {
  if (!jobs.some(({ uniqueKey }) => uniqueKey !== undefined)) {
    await sql.query(insert, values(queue, jobs));
    return jobs.map(({ id }) => id);
  }
  const ids = new Map<string, string>();
  let left = jobs;
  for (let tries = 1; left.length > 0 && tries <= triesMax; tries += 1) {
    const inserted = await sql.query<{ id: string }>(insertUnlessThere, values(queue, left));
    for (const { id } of inserted) ids.set(id, id);
    left = left.filter(({ id }) => !ids.has(id));
    const keys = left.map(({ uniqueKey }) => uniqueKey);
    if (keys.length === 0) break;
    const found = inTransaction
      ? await byIndex<Namesake>(sql, namesakes, [queue, keys])
      : await sql.query<Namesake>(namesakes, [queue, keys]);
    const idOf = new Map(found.map(({ unique_key, id }) => [unique_key, id]));
    for (const { id, uniqueKey } of left) {
      const namesake = idOf.get(uniqueKey ?? "");
      if (namesake !== undefined) ids.set(id, namesake);
    }
    left = left.filter(({ id }) => !ids.has(id));
  }
  if (left.length > 0)
    throw new TrellisError("unavailable", {
      says: "Jobs of the same key came and went all the time",
      retryAfterMs: 100,
    });
  return jobs.map(({ id }) => ids.get(id) ?? id);
}

function values(queue: string, jobs: readonly InsertedJob[]): readonly unknown[] {
  return [
    queue,
    jobs.map(({ id }) => id),
    jobs.map(({ payload }) => payload),
    jobs.map(({ priority }) => priority),
    jobs.map(({ delayMs }) => delayMs),
    jobs.map(({ uniqueKey }) => uniqueKey ?? null),
    jobs.map(({ trace }) => trace ?? null),
  ];
}

const insert = `
  insert into trellis.job (queue, id, state, payload, priority, run_at, unique_key, trace)
  select $1, id, (case when delay_ms > 0 then 'delayed' else 'ready' end)::trellis.job_state,
    payload, priority, now() + delay_ms * interval '1 ms', unique_key, trace
  from unnest($2::uuid[], $3::text[], $4::smallint[], $5::double precision[], $6::text[], $7::text[])
    as new (id, payload, priority, delay_ms, unique_key, trace)`;

/** In the order of their keys: two statements that insert the same keys wait for one another, and never in a circle. */
const insertUnlessThere = `${insert}
  order by unique_key
  on conflict (queue, unique_key) where unique_key is not null do nothing
  returning id`;

const namesakes = "select unique_key, id from trellis.job where queue = $1 and unique_key = any($2::text[])";
