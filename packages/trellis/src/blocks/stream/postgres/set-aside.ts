import type { Sql } from "../../../model/sql.ts";
import type { Delivered, SetAsideEvent, StreamName } from "../port.ts";
import type { Unfit } from "./handle-in-time.ts";

/** A partition as a group sees it. */
export type Place = readonly [stream: number, group: string, partition: number];

/** Keeps events of a group that it cannot handle. They lie in one segment of the log. */
export async function putAside(sql: Sql, place: Place, unfit: readonly Unfit[]): Promise<void> {
  await sql.query("select trellis.put_aside($1, $2, $3, $4, $5)", [
    ...place,
    unfit.map(({ offset }) => offset),
    unfit.map(({ reason }) => reason.slice(0, reasonCharactersMax)),
  ]);
}

/** An event that is to be handled once more, alone. */
export interface Retry {
  readonly id: bigint;
  readonly event: Delivered;
  readonly trace: string | null;
}

/** Locks the oldest event of the partition that is to be retried. */
export async function takeRetry(sql: Sql, place: Place): Promise<Retry | undefined> {
  const [row] = await sql.query<RetryRow>(takeStatement, place);
  if (!row) return undefined;
  const { id, partition, offset, body, trace } = row;
  return { id, event: { partition, first: offset, bodies: [body] }, trace };
}

export async function finishRetry(sql: Sql, id: bigint): Promise<void> {
  await sql.query("delete from trellis.stream_set_aside where id = $1", [id]);
}

export async function giveUpRetry(sql: Sql, id: bigint, reason: string): Promise<void> {
  await sql.query("update trellis.stream_set_aside set retrying = false, reason = $2 where id = $1", [
    id,
    reason.slice(0, reasonCharactersMax),
  ]);
}

/** The latest first. */
export async function readAside(
  sql: Sql,
  ask: { readonly stream?: StreamName; readonly limit: number; readonly before?: string },
): Promise<readonly SetAsideEvent[]> {
  const rows = await sql.query<Omit<SetAsideEvent, "stream" | "id"> & StreamName & { readonly id: bigint }>(
    listStatement,
    [ask.stream?.service ?? null, ask.stream?.name ?? null, ask.before ?? null, ask.limit],
  );
  return rows.map(({ id, service, name, group, partition, offset, at, setAsideAt, key, body, reason, retrying }) => ({
    id: String(id),
    stream: { service, name },
    ...{ group, partition, offset, at, setAsideAt, key, body, reason, retrying },
  }));
}

const reasonCharactersMax = 1_000;

interface RetryRow {
  readonly id: bigint;
  readonly partition: number;
  readonly offset: bigint;
  readonly body: string;
  readonly trace: string | null;
}

const takeStatement = `
  select id, partition, "offset", body, trace from trellis.stream_set_aside
  where stream = $1 and "group" = $2 and partition = $3 and retrying order by id limit 1 for update skip locked`;

const listStatement = `
  select aside.id, service, name, "group", partition, "offset", at::float8, key, body, reason, retrying,
    (extract(epoch from set_aside_at) * 1000)::float8 as "setAsideAt"
  from trellis.stream_set_aside as aside join trellis.stream on stream.id = aside.stream
  where ($1::text is null or service = $1 and name = $2) and ($3::int8 is null or aside.id < $3::int8)
  order by aside.id desc limit $4`;
