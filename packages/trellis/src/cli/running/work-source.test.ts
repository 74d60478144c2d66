import { beforeAll, expect, test, vi } from "vitest";
import type { DatabaseEngine } from "../../blocks/database/port.ts";
import { type TestDatabase, testDatabase } from "../../blocks/database/test-database.contract.ts";
import { platformMigrations } from "../../runtime/platform-migrations.ts";
import { testClock } from "../../testing/test-clock.ts";
import { workSource } from "./work-source.ts";

vi.setConfig({ testTimeout: 20_000, hookTimeout: 60_000 });

let server: TestDatabase;
let database: DatabaseEngine;
beforeAll(async () => {
  server = await testDatabase("work");
  database = server.engine();
  for (const migrations of platformMigrations) await database.migrate(migrations);
});

test("schedules that are due and events that wait to be relayed keep a service awake, without asking for more than that", async () => {
  const clock = testClock();
  const work = workSource(database.platform, clock);
  expect(await work()).toEqual([]);
  await server.query(
    "insert into trellis.schedule (service, name, spec, next_tick, seen_at) values ('news', 'daily', '1d', now() - interval '9 h', now())",
  );
  await server.query("select trellis.open_stream('shop', 'sales', 2, 86400000, $1)", [Date.now()]);
  await server.query(
    "insert into trellis.outbox (stream, partition, key, body) select id, 0, 'k', '{}' from trellis.stream",
  );
  // Looked at again only after two seconds.
  expect(await work()).toEqual([]);
  await clock.advance(2_000);
  expect(await work()).toEqual([
    { service: "news", oldestMs: 1, running: 0 },
    { service: "shop", oldestMs: 1, running: 0 },
  ]);
});

test("while the database is away it rejects, and the next look asks again", async () => {
  const clock = testClock();
  const work = workSource(database.platform, clock);
  await server.query("alter table trellis.job rename to away");
  await expect(work()).rejects.toThrow();
  await server.query("alter table trellis.away rename to job");
  await clock.advance(2_000);
  expect((await work()).map(({ service }) => service)).toContain("news");
});
