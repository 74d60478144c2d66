import { randomUUID } from "node:crypto";
import { beforeAll } from "vitest";
import { noMetrics } from "../../../model/metrics.ts";
import { noTracing } from "../../../model/tracing.ts";
import { scopeOf } from "../../../model/transaction.ts";
import { systemClock, systemRandom } from "../../../runtime/system-clock.ts";
import { silentLog } from "../../../testing/silent-log.ts";
import { type TestWakes, testWakes } from "../../../testing/test-wakes.ts";
import { closeAfterTests, type TestDatabase, testDatabase } from "../../database/test-database.contract.ts";
import type { Handled, StreamGround } from "../contract/stream-tools.contract.ts";
import { migrateStreams } from "../migrate-streams.contract.ts";
import { streamContract } from "../stream.contract.ts";
import { openStreamEngine } from "./open-stream-engine.ts";

let ground: StreamGround;

beforeAll(async () => {
  const server = await testDatabase("streams");
  await migrateStreams(server);
  await server.query("create schema shop");
  await server.query(`create table shop.handled (
    nth bigint generated always as identity, stream text, partition int, "offset" bigint, body text
  )`);
  ground = postgresGround(server);
});

streamContract("PostgreSQL", () => ground);

function postgresGround(server: TestDatabase): StreamGround {
  let shiftMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + shiftMs };
  const wakes: TestWakes[] = [testWakes()];
  return {
    instance(name) {
      const own = (wakes[0] as TestWakes).peer();
      wakes.push(own);
      const database = server.engine({ poolMax: 5 });
      const parts = { clock, random: systemRandom, log: silentLog, metrics: noMetrics, tracing: noTracing };
      const engine = openStreamEngine({ ...parts, database, wakes: own, instance: name });
      closeAfterTests(engine);
      return { engine, transaction: (run) => database.service("shop").transaction(run) };
    },
    cutWakes(isCut) {
      for (const each of wakes)
        if (isCut) each.cut();
        else each.mend();
    },
    shiftClock(ms) {
      shiftMs += ms;
    },
    async beginSpool(spool, stream) {
      await server.query("insert into trellis.spool (spool, stream, instance) values ($1, $2, 'test')", [
        spool,
        stream,
      ]);
    },
    async handle(tx, stream, records) {
      await scopeOf(tx).query(
        `insert into shop.handled (stream, partition, "offset", body)
         select $1, * from unnest($2::int[], $3::int8[], $4::text[])`,
        [
          stream,
          records.map(({ partition }) => partition),
          records.map(({ offset }) => offset),
          records.map(({ body }) => body),
        ],
      );
    },
    handled: async (stream) =>
      (
        await server.query<{ partition: number; offset: string; body: string }>(
          `select partition, "offset", body from shop.handled where stream = $1 order by nth`,
          [stream],
        )
      ).map(({ partition, offset, body }): Handled => ({ partition, offset: BigInt(offset), body })),
    async fakeMember(stream) {
      const member = randomUUID();
      await server.query(
        `insert into trellis.stream_member (stream, "group", member, instance, backends, beat)
         select id, 'shop', $2, 'fake', '{}', clock_timestamp() + interval '1 hour' from trellis.stream where name = $1`,
        [stream, member],
      );
      return {
        die: async () => {
          await server.query("update trellis.stream_member set beat = 'epoch' where member = $1", [member]);
        },
      };
    },
  };
}
