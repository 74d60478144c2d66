import pg from "pg";
import { app } from "trellis";
import { startTestApp } from "trellis/testing";
import {
  batchEvents,
  type Click,
  callers,
  connections,
  consumedAtOnce,
  eachOf,
  measureStream,
  partitions,
} from "./workload.ts";

/** The raw table with hand-written SQL, on the same server: no schemas, no groups, no retention. */

// Started for its server: the same PostgreSQL with the same settings.
const running = await startTestApp(app({ services: [] }), { instances: 1, environment: { NODE_ENV: "production" } });
const [instance] = running.instances;
if (!instance) throw new Error("There is no instance.");
const [place] = await instance.opened.database.platform.query<{ url: string }>(
  `select format('postgres://%s@localhost:%s/%s?host=%s&options=-c%%20search_path=public', current_user,
     current_setting('port'), current_database(),
     coalesce(host(inet_server_addr()), current_setting('unix_socket_directories'))) as url`,
);
// Pipelined as Trellis's own connections are.
const pool = new pg.Pool({ connectionString: place?.url, max: connections + 1, pipeline: true } as pg.PoolConfig);
pool.on("error", () => undefined);

await pool.query(`
  create table log (partition int, "offset" bigint, at bigint, key text, body text, primary key (partition, "offset"));
  create table head (partition int primary key, next bigint not null);
  create table reader (partition int primary key, "offset" bigint not null);
  create table outbox (id bigint generated always as identity primary key, partition int, key text, body text);
  insert into head select partition, 0 from generate_series(0, ${partitions - 1}) as partition;
  insert into reader select * from head`);

const appendStatement = `
  with event as (
    select partition, key, body, row_number() over (partition by partition order by nth) - 1 as place
    from unnest($1::int[], $2::text[], $3::text[]) with ordinality as event (partition, key, body, nth)
  ), begin as (
    update head set next = next + count
    from (select partition, count(*) as count from event group by partition order by partition) as more
    where head.partition = more.partition
    returning head.partition, next - count as first
  )
  insert into log (partition, "offset", at, key, body)
  select partition, first + place, $4, key, body from event join begin using (partition)`;

const moveStatement = `
  with taken as (
    delete from outbox where id in (select id from outbox order by id limit ${batchEvents} for update skip locked)
    returning *
  ), event as (
    select partition, key, body, row_number() over (partition by partition order by id) - 1 as place from taken
  ), begin as (
    update head set next = next + count
    from (select partition, count(*) as count from event group by partition order by partition) as more
    where head.partition = more.partition
    returning head.partition, next - count as first
  ), moved as (
    insert into log (partition, "offset", at, key, body)
    select partition, first + place, $1, key, body from event join begin using (partition)
  )
  select count(*)::int as moved from taken`;

const partitionOf = ({ code }: Click): number => Number(code.slice(1)) % partitions;

await measureStream({
  async append(batches) {
    // One at a time, whatever waits: updates of the same heads in two orders would be deadlocks.
    let last: Promise<unknown> = Promise.resolve();
    await eachOf(batches, callers, (batch) => {
      const columns = [
        batch.map(partitionOf),
        batch.map(({ code }) => code),
        batch.map((click) => JSON.stringify(click)),
      ];
      last = last.then(() => pool.query({ name: "append", text: appendStatement, values: [...columns, Date.now()] }));
      return last;
    });
  },
  async consume() {
    await Promise.all(Array.from({ length: partitions }, (_, partition) => consumePartition(partition)));
  },
  async commitSingly(events, atOnce) {
    let left = events.length;
    const relay = async (): Promise<void> => {
      while (left > 0) {
        const { rows } = await pool.query({ name: "move", text: moveStatement, values: [Date.now()] });
        left -= rows[0].moved;
      }
    };
    const clients = await Promise.all(Array.from({ length: atOnce }, () => pool.connect()));
    const commits = eachOf(events, atOnce, async (click, lane) => {
      const client = clients[lane] as pg.PoolClient;
      await client.query("begin");
      const values = [partitionOf(click), click.code, JSON.stringify(click)];
      await client.query({
        name: "put",
        text: "insert into outbox (partition, key, body) values ($1, $2, $3)",
        values,
      });
      await client.query("commit");
    });
    await Promise.all([commits, relay()]);
    for (const client of clients) client.release();
  },
  async end() {
    await pool.end();
    await running.stop();
  },
});

async function consumePartition(partition: number): Promise<void> {
  const client = await pool.connect();
  for (let isMore = true; isMore; ) {
    await client.query("begin");
    const { rows: readers } = await client.query<{ offset: string }>({
      name: "lock",
      text: `select "offset" from reader where partition = $1 for update`,
      values: [partition],
    });
    const { rows } = await client.query<{ body: string }>({
      name: "read",
      text: `select "offset", at, key, body from log where partition = $1 and "offset" >= $2 order by "offset" limit $3`,
      values: [partition, readers[0]?.offset, consumedAtOnce],
    });
    for (const { body } of rows) JSON.parse(body);
    await client.query({
      name: "move reader",
      text: `update reader set "offset" = "offset" + $2 where partition = $1`,
      values: [partition, rows.length],
    });
    await client.query("commit");
    isMore = rows.length > 0;
  }
  client.release();
}
