import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { DatabaseEngine } from "../../blocks/database/port.ts";
import { type TestDatabase, testDatabase } from "../../blocks/database/test-database.contract.ts";
import type { SpoolOverview } from "../../blocks/stream/port.ts";
import { silentLog } from "../../testing/silent-log.ts";
import { testClock } from "../../testing/test-clock.ts";
import { InstanceRegistry, type InstanceRegistryOptions, instanceMigrations } from "./instance-registry.ts";

vi.setConfig({ testTimeout: 20_000, hookTimeout: 60_000 });

const idle: SpoolOverview = { records: 0, bytes: 0, unlogged: 0, oldestAgeMs: 0, behindBecause: undefined };

let server: TestDatabase;
let database: DatabaseEngine;

beforeAll(async () => {
  server = await testDatabase("instances");
  database = server.engine();
  await database.migrate(instanceMigrations);
});
beforeEach(async () => {
  await server.query("truncate trellis.instance");
});

function registry(name: string, clock = testClock(), more: Partial<InstanceRegistryOptions> = {}): InstanceRegistry {
  return new InstanceRegistry({
    sql: database.platform,
    clock,
    log: silentLog,
    name,
    role: "web",
    answers: [],
    spool: () => idle,
    calls: () => [],
    ...more,
  });
}

const names = async (one: InstanceRegistry) => (await one.list()).map(({ name }) => name);
const seenAt = async () => (await server.query<{ seen_at: Date }>("select seen_at from trellis.instance"))[0]?.seen_at;

test("who is announced is known to all, until it ends", async () => {
  const [one, two] = [registry("web-1"), registry("web-2")];
  await one.announce("http://127.0.0.1:4001");
  await two.announce("http://127.0.0.1:4002");
  expect(await names(one)).toEqual(["web-1", "web-2"]);
  expect((await two.list())[0]).toMatchObject({ role: "web", pid: process.pid, privateUrl: "http://127.0.0.1:4001" });
  expect(await one.neighbours()).toEqual([{ name: "web-2", url: "http://127.0.0.1:4002" }]);
  one.close();
  await expect.poll(() => names(two)).toEqual(["web-2"]);
  two.close();
});

test("one that has said nothing for fifteen seconds is taken for dead; for a minute, and it is forgotten", async () => {
  const clock = testClock();
  const [one, two] = [registry("web-1", clock), registry("web-2")];
  await one.announce("http://127.0.0.1:4001");
  await two.announce("http://127.0.0.1:4002");
  await server.query("update trellis.instance set seen_at = seen_at - interval '16 s' where name = 'web-2'");
  expect(await names(one)).toEqual(["web-1"]);
  await server.query("update trellis.instance set seen_at = seen_at - interval '60 s' where name = 'web-2'");
  await clock.advance(5_000);
  await expect.poll(() => server.query("select name from trellis.instance")).toEqual([{ name: "web-1" }]);
  one.close();
  two.close();
});

test("it says every five seconds that it lives and what waits on its disk, also when it was forgotten", async () => {
  const clock = testClock();
  let records = 0;
  const one = registry("web-1", clock, { spool: () => ({ ...idle, records }) });
  await one.announce("http://127.0.0.1:4001");
  const begun = await seenAt();
  records = 7;
  await clock.advance(5_000);
  await expect.poll(seenAt).not.toEqual(begun);
  const [row] = await server.query<{ spool: SpoolOverview }>("select spool from trellis.instance");
  expect(row?.spool.records).toBe(7);
  records = 8;
  expect((await one.list())[0]?.spool.records).toBe(8);
  await server.query("truncate trellis.instance");
  await expect.poll(() => clock.pending).toBe(1);
  await clock.advance(5_000);
  await expect.poll(() => names(one)).toEqual(["web-1"]);
  one.close();
});

test("a database that is away ends nothing: it goes on when it is back", async () => {
  const clock = testClock();
  const one = registry("web-1", clock);
  await one.announce("http://127.0.0.1:4001");
  await server.query("alter table trellis.instance rename to away");
  await clock.advance(5_000);
  await expect.poll(() => clock.pending).toBe(1);
  await server.query("alter table trellis.away rename to instance");
  const before = await seenAt();
  await clock.advance(5_000);
  await expect.poll(seenAt).not.toEqual(before);
  one.close();
});
