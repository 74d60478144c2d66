import type { Sql } from "../../../model/sql.ts";

/** What became of an attempt. */
export type Ending =
  | { readonly kind: "done"; readonly result: string | undefined }
  | { readonly kind: "dead"; readonly error: string }
  | { readonly kind: "cancelled" }
  /** Again, after a pause. */
  | { readonly kind: "retried"; readonly error: string; readonly delayMs: number }
  /** Given back, as if it had not been begun. */
  | { readonly kind: "released" };

/** Which claim of which job has ended so. */
export interface EndedClaim {
  readonly id: string;
  readonly epoch: number;
  readonly worker: string;
  readonly ending: Ending;
}

/** What a statement found of the claims that it was to end: the others had been lost to other workers. */
export interface Ended {
  readonly count: number;
  /** Those whose result somebody waits for. */
  readonly awaited: readonly string[];
}

/**
 * Ends claims of one kind, epoch and worker in one statement, which changes a job only while it is still claimed so.
 * `keepForMs`: how long what is done is kept.
 */
export async function endClaims(sql: Sql, claims: readonly EndedClaim[], keepForMs: number): Promise<Ended> {
  const [first] = claims;
  if (!first) return { count: 0, awaited: [] };
  const { kind } = first.ending;
  const values = [claims.map(({ id }) => id), first.epoch, first.worker, ...factsOf(kind, claims, keepForMs)];
  // Most handlers return nothing: looking up each one's result would be a tenth of the statement.
  const text = kind === "done" && values.length === 5 ? doneWithResults : statements[kind];
  const [row] = await sql.query<{ count: number; awaited: readonly string[] | null }>(text, values);
  return { count: row?.count ?? 0, awaited: row?.awaited ?? [] };
}

function factsOf(kind: Ending["kind"], claims: readonly EndedClaim[], keepForMs: number): readonly unknown[] {
  const facts = claims.map(({ ending }) => ending);
  const errors = (): unknown => facts.map((ending) => ("error" in ending ? ending.error : null));
  switch (kind) {
    case "done": {
      const results = facts.map((ending) => (ending.kind === "done" ? (ending.result ?? null) : null));
      return results.some((result) => result !== null) ? [keepForMs, results] : [keepForMs];
    }
    case "dead":
      return [errors()];
    case "cancelled":
      return [keepForMs];
    case "retried":
      return [errors(), facts.map((ending) => (ending.kind === "retried" ? ending.delayMs : 0))];
    case "released":
      return [];
  }
}

const held = "id = any ($1::uuid[]) and epoch = $2 and worker = $3 and state = 'running'";
/** A job's own fact among those that were given for all, in the order of their ids. */
const own = (place: number, type: string): string => `($${place}::${type}[])[array_position($1::uuid[], id)]`;
const tally = "select count(*)::integer as count, array_agg(id) filter (where awaited) as awaited from gone";

const finish = (columns: string, values: string, needed = ""): string => `
  with gone as (
    delete from trellis.job where ${held} returning id, queue, attempts, enqueued_at, error, awaited${needed}
  ),
  kept as (
    insert into trellis.finished_job (id, queue, attempts, enqueued_at, state, ${columns})
    select id, queue, attempts, enqueued_at, ${values} from gone
  ) ${tally}`;

const putBack = (changes: string): string => `
  with gone as (
    update trellis.job set worker = null, ${changes} where ${held} returning id, false as awaited
  ) ${tally}`;

const until = "now() + $4::double precision * interval '1 ms'";

const doneWithResults = finish("error, until, result", `'done', error, ${until}, ${own(5, "text")}`);
const revival = "payload, priority, unique_key, trace, epoch";

const statements: Readonly<Record<Ending["kind"], string>> = {
  done: finish("error, until", `'done', error, ${until}`),
  dead: finish(`error, ${revival}`, `'dead', ${own(4, "text")}, ${revival}`, `, ${revival}`),
  cancelled: finish("error, until", `'cancelled', error, ${until}`),
  retried: putBack(
    `state = (case when ${own(5, "double precision")} > 0 then 'delayed' else 'ready' end)::trellis.job_state,
      error = ${own(4, "text")}, run_at = now() + ${own(5, "double precision")} * interval '1 ms'`,
  ),
  released: putBack("state = 'ready', attempts = attempts - 1, run_at = now()"),
};

/** Ends one claim as done in the transaction of its handler. */
export const endInTransaction = doneWithResults;
