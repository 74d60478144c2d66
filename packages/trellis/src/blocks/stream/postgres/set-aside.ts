import type { Sql } from "../../../model/sql.ts";
import type { Delivered, SetAsideEvent, StreamName } from "../port.ts";
import type { Unfit } from "./handle-in-time.ts";

/** Keeps events of a group that it cannot handle. */
export async function putAside(sql: Sql, stream: number, group: string, unfit: readonly Unfit[]): Promise<void> {
  await sql.query(putStatement, [
    stream,
    group,
    unfit.map(({ record }) => record.partition),
    unfit.map(({ record }) => record.offset),
    unfit.map(({ record }) => record.at),
    unfit.map(({ record }) => record.key),
    unfit.map(({ record }) => record.body),
    unfit.map(({ record }) => record.trace ?? null),
    unfit.map(({ reason }) => reason.slice(0, reasonCharactersMax)),
  ]);
}

/** Locks the oldest event of the partition that is to be retried. */
export async function takeRetry(
  sql: Sql,
  place: readonly [stream: number, group: string, partition: number],
): Promise<{ readonly id: bigint; readonly record: Delivered } | undefined> {
  const [row] = await sql.query<AsideRow>(takeStatement, place);
  if (!row) return undefined;
  const { id, partition, offset, at, key, body, trace } = row;
  return { id, record: { partition, offset, at, key, body, trace: trace ?? undefined } };
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
  const rows = await sql.query<AsideRow & Omit<SetAsideEvent, "stream" | "id"> & StreamName>(listStatement, [
    ask.stream?.service ?? null,
    ask.stream?.name ?? null,
    ask.before ?? null,
    ask.limit,
  ]);
  return rows.map(({ id, service, name, group, partition, offset, at, setAsideAt, key, body, reason, retrying }) => ({
    id: String(id),
    stream: { service, name },
    ...{ group, partition, offset, at, setAsideAt, key, body, reason, retrying },
  }));
}

const reasonCharactersMax = 1_000;

interface AsideRow {
  readonly id: bigint;
  readonly partition: number;
  readonly offset: bigint;
  readonly at: number;
  readonly key: string;
  readonly body: string;
  readonly trace: string | null;
}

const putStatement = `
  insert into trellis.stream_set_aside (stream, "group", partition, "offset", at, key, body, trace, reason)
  select $1, $2, event.*
  from unnest($3::int[], $4::int8[], $5::int8[], $6::text[], $7::text[], $8::text[], $9::text[]) as event`;

const takeStatement = `
  select id, partition, "offset", at::float8, key, body, trace from trellis.stream_set_aside
  where stream = $1 and "group" = $2 and partition = $3 and retrying order by id limit 1 for update skip locked`;

const listStatement = `
  select aside.id, service, name, "group", partition, "offset", at::float8, key, body, reason, retrying,
    (extract(epoch from set_aside_at) * 1000)::float8 as "setAsideAt"
  from trellis.stream_set_aside as aside join trellis.stream on stream.id = aside.stream
  where ($1::text is null or service = $1 and name = $2) and ($3::int8 is null or aside.id < $3::int8)
  order by aside.id desc limit $4`;
