import { expect, it, vi } from "vitest";
import { systemStopwatch } from "../../runtime/system-clock.ts";
import { figureOf, testMetrics } from "../../telemetry/test-metrics.contract.ts";
import { testDatabase } from "./test-database.contract.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const server = await testDatabase("figures");

function measured() {
  const metrics = testMetrics();
  const engine = server.engine({ metrics, stopwatch: systemStopwatch, poolMax: 1, pipelines: 1 });
  const look = async (name: string, labels: Record<string, string> = {}) =>
    figureOf(await metrics.look(), name, { service: "shop", ...labels });
  return { db: engine.service("shop"), look };
}

it("measures each statement under a name that people know it by", async () => {
  const { db, look } = measured();
  await db.run({ text: "create schema shop", values: [] });
  await db.run({ text: "create table item (id int)", values: [] });
  for (const id of [1, 2]) await db.run({ text: "insert into item values ($1)", values: [id] });
  await db.run({ text: "/* all items */ select id from item", values: [] });
  const count = (statement: string) => look("trellis_database_statement_seconds_count", { statement });
  expect(await count("insert item")).toBe(2);
  expect(await count("all items")).toBe(1);
  await db.transaction(async (tx) => void (await db.in(tx).run({ text: "delete from item", values: [] })));
  expect(await count("delete item")).toBe(1);
  expect(await count("commit")).toBe(1);
});

it("measures how long a statement took, and counts those that fail", async () => {
  const { db, look } = measured();
  await db.run({ text: "select pg_sleep(.05)", values: [] });
  expect(await look("trellis_database_statement_seconds_max", { statement: "select" })).toBeGreaterThanOrEqual(0.05);
  await expect(db.run({ text: "select nothing", values: [] })).rejects.toThrow();
  expect(await look("trellis_database_failures_total")).toBe(1);
});

it("measures how long a connection was waited for, and says how many wait", async () => {
  const { db, look } = measured();
  const release = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const first = db.transaction(async () => {
    held.resolve();
    await release.promise;
  });
  await held.promise;
  const second = db.transaction(async (tx) => void (await db.in(tx).run({ text: "select 1", values: [] })));
  await expect.poll(() => look("trellis_database_connections", { state: "waiting" })).toBe(1);
  expect(await look("trellis_database_connections", { state: "open" })).toBe(1);
  const began = performance.now();
  await expect.poll(() => performance.now() - began).toBeGreaterThan(30);
  release.resolve();
  await Promise.all([first, second]);
  expect(await look("trellis_database_pool_wait_seconds_max")).toBeGreaterThanOrEqual(0.03);
  expect(await look("trellis_database_connections", { state: "waiting" })).toBe(0);
});

it("keeps so many names and no more", async () => {
  const { db, look } = measured();
  for (let index = 0; index < 120; index += 1) await db.run({ text: `/* part ${index} */ select 1`, values: [] });
  expect(await look("trellis_database_statement_seconds_count", { statement: "part 99" })).toBe(1);
  expect(await look("trellis_database_statement_seconds_count", { statement: "part 100" })).toBeUndefined();
  expect(await look("trellis_database_statement_seconds_count", { statement: "other" })).toBe(20);
});
