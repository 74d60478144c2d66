import { beforeAll, expect, test } from "vitest";
import type { Serving } from "../../../model/block.ts";
import type { Clock } from "../../../model/clock.ts";
import type { Labels, Metrics, Readings } from "../../../model/metrics.ts";
import { noMetrics } from "../../../model/metrics.ts";
import type { SpanFacts, Tracing } from "../../../model/tracing.ts";
import { noTracing } from "../../../model/tracing.ts";
import { scopeOf } from "../../../model/transaction.ts";
import { systemClock, systemRandom } from "../../../runtime/system-clock.ts";
import { silentLog } from "../../../testing/silent-log.ts";
import { testWakes } from "../../../testing/test-wakes.ts";
import { closeAfterTests, type TestDatabase, testDatabase } from "../../database/test-database.contract.ts";
import { batchConnections, restMsMax } from "../limits.ts";
import { migrateStreams } from "../migrate-streams.contract.ts";
import type { Recorded, StreamEngine } from "../port.ts";
import { openStreamEngine } from "./open-stream-engine.ts";

let server: TestDatabase;

beforeAll(async () => {
  server = await testDatabase("stream_engine");
  await migrateStreams(server);
}, 60_000);

function openEngine({ metrics = noMetrics, tracing = noTracing, clock = systemClock } = {}): StreamEngine {
  const parts = { clock, random: systemRandom, log: silentLog, wakes: testWakes(), instance: "one" };
  const engine = openStreamEngine({ ...parts, metrics, tracing, database: server.engine() });
  closeAfterTests(engine);
  return engine;
}

const numbered = (count: number): readonly Recorded[] =>
  Array.from({ length: count }, (_, index) => ({ key: `k${index % 50}`, body: String(index) }));
const settings = { service: "shop", partitions: 2, keepForMs: 86_400_000 };
const group = { service: "shop", batchMax: 500, retries: 0 };

test("what was planned while a log was empty and just vacuumed reads each event once all the same", {
  timeout: 60_000,
}, async () => {
  const log = await openEngine().open({ ...settings, name: "growing" });
  let handled = 0;
  const serve = () =>
    log.consume(group, async ({ bodies }) => {
      handled += bodies.length;
    });
  const early = serve();
  await expect.poll(async () => (await log.overview()).groups.length).toBe(1);
  const [table] = await server.query<{ name: string }>(
    "select trellis.log_table(stream.id, 1) as name from trellis.stream where name = 'growing'",
  );
  await server.query(`vacuum analyze ${table?.name}`);
  await log.append(numbered(20));
  await expect.poll(() => handled).toBe(20);
  await early.stop();
  for (let turn = 0; turn < 10; turn += 1) await log.append(numbered(2_000));
  const late = serve();
  await expect.poll(() => handled, { timeout: 20_000 }).toBe(20_020);
  await late.stop();
  const rowsRead = async (): Promise<number> => {
    const [read] = await server.query<{ rows: string }>(
      "select seq_tup_read + idx_tup_fetch as rows from pg_stat_user_tables where relid = $1::regclass",
      [table?.name],
    );
    return Number(read?.rows);
  };
  // The server counts a little late.
  await expect.poll(rowsRead, { timeout: 20_000 }).toBeGreaterThanOrEqual(20_020);
  expect(await rowsRead()).toBeLessThan(40_000);
});

test("a partition rests after its work in proportion to it, and what comes meanwhile is one batch", async () => {
  let workedMs = 0;
  let endRest: (() => void) | undefined;
  const clock: Clock = {
    now: () => systemClock.now() + workedMs,
    after(ms, run) {
      if (ms < 540 || ms >= restMsMax) return systemClock.after(ms, run);
      endRest = run;
      return { cancel: () => undefined };
    },
  };
  const log = await openEngine({ clock }).open({ ...settings, name: "resting", partitions: 1 });
  const batches: number[] = [];
  const serving = log.consume(group, async ({ bodies }) => {
    batches.push(bodies.length);
    workedMs += 60;
  });
  await log.append(numbered(10));
  await expect.poll(() => endRest).toBeDefined();
  for (let turn = 0; turn < 3; turn += 1) await log.append(numbered(7));
  expect(batches).toEqual([10]);
  endRest?.();
  await expect.poll(() => batches).toEqual([10, 21]);
  await serving.stop();
});

test("a backlog is handled without rest, however few of its events fit into a batch, and over the end of a day", async () => {
  let shiftMs = 0;
  const rests: number[] = [];
  const clock: Clock = {
    now: () => systemClock.now() + shiftMs,
    after(ms, run) {
      if (ms < 600 || ms >= restMsMax) return systemClock.after(ms, run);
      rests.push(ms);
      return { cancel: () => undefined };
    },
  };
  const log = await openEngine({ clock }).open({ ...settings, name: "large", partitions: 1 });
  const large = JSON.stringify("x".repeat(200_000));
  for (let day = 0; day < 3; day += 1) {
    await log.append(Array.from({ length: 30 }, () => ({ key: "k", body: large })));
    shiftMs += settings.keepForMs;
  }
  const batches: number[] = [];
  const serving = log.consume(group, async ({ bodies }) => {
    batches.push(bodies.length);
    shiftMs += 80;
  });
  await expect.poll(() => batches.reduce((sum, count) => sum + count, 0), { timeout: 20_000 }).toBe(90);
  expect(Math.max(...batches)).toBeLessThan(30);
  await expect.poll(() => rests.length).toBe(1);
  await serving.stop();
});

test("an event that is no JSON is set aside, and those around it are handled", async () => {
  const engine = openEngine();
  const log = await engine.open({ ...settings, name: "broken", partitions: 1 });
  const bodies = ["1", '"a\u001fb"', "3", "\u001f", '"fine\\u001f"'];
  await log.append(bodies.map((body) => ({ key: "k", body })));
  const handled: unknown[] = [];
  const serving = log.consume(group, async (batch) => {
    handled.push(...batch.bodies.map((body) => JSON.parse(body) as unknown));
  });
  await expect.poll(async () => (await log.account("shop")).lag).toBe(0);
  await serving.stop();
  expect(handled).toEqual([1, 3, "fine\u001f"]);
  const aside = await engine.setAside({ stream: { service: "shop", name: "broken" }, limit: 9 });
  expect(aside.map(({ body }) => body)).toEqual([bodies[3], bodies[1]]);
  for (const { reason } of aside) expect(reason).toMatch(/SyntaxError/);
});

test("batches are handled while others wait for their commit, each on one of a few connections", async () => {
  await server.query(`
    create schema shop;
    create table shop.seen (partition int);
    create function shop.wait_at_commit() returns trigger language plpgsql as
      $$ begin perform pg_advisory_xact_lock_shared(4711); return null; end $$;
    create constraint trigger wait_at_commit after insert on shop.seen
      deferrable initially deferred for each row execute function shop.wait_at_commit()`);
  const log = await openEngine().open({ ...settings, name: "waiting", partitions: 6 });
  await log.append(numbered(60));
  const holder = server.engine().service("holder");
  const handled = new Set<number>();
  let serving: Serving | undefined;
  await holder.transaction(async (tx) => {
    await scopeOf(tx).query("select pg_advisory_xact_lock(4711)");
    serving = log.consume(group, async ({ partition, tx }) => {
      handled.add(partition);
      await scopeOf(tx).query("insert into shop.seen values ($1)", [partition]);
    });
    const atCommit = () =>
      server.query("select from pg_stat_activity where query = 'commit' and wait_event = 'advisory'");
    await expect.poll(async () => (await atCommit()).length).toBe(batchConnections);
    expect(handled.size).toBe(batchConnections);
    expect((await log.account("shop")).lag).toBe(60);
  });
  await expect.poll(async () => (await log.account("shop")).lag).toBe(0);
  expect(handled.size).toBe(6);
  await serving?.stop();
});

test("a batch is handled within a span of its own, which what caused the first event is the parent of", async () => {
  const spans: SpanFacts[] = [];
  const tracing: Tracing = {
    on: true,
    current: () => undefined,
    span(facts, run) {
      spans.push(facts);
      return run();
    },
  };
  const log = await openEngine({ tracing }).open({ ...settings, name: "traced" });
  let handled: readonly string[] = [];
  const serving = log.consume(group, async ({ bodies }) => {
    handled = bodies;
  });
  const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  await log.append([
    { key: "k", body: "1", trace },
    { key: "k", body: "2" },
  ]);
  await expect.poll(() => handled).toEqual(["1", "2"]);
  expect(spans).toMatchObject([{ name: "shop.traced consume", kind: "consumer", parent: trace }]);
  await serving.stop();
});

test("figures say what was appended, handled and given up, and how far a group is behind", async () => {
  const { metrics, counted, readings } = countingMetrics();
  const log = await openEngine({ metrics }).open({ ...settings, name: "counted" });
  await log.append(numbered(10));
  const label = { stream: "shop.counted" };
  expect(await readings("trellis_stream_outbox")).toContainEqual({ labels: label, value: 0 });
  const serving = log.consume(group, async ({ bodies, setAside }) => {
    for (const [index, body] of bodies.entries()) if (body === "7") setAside(index, "unlucky");
  });
  await expect.poll(() => counted("trellis_stream_handled_total")).toBe(10);
  await serving.stop();
  expect(counted("trellis_stream_appended_total")).toBe(10);
  expect(counted("trellis_stream_set_aside_total")).toBe(1);
  const ofGroup = { ...label, group: "shop" };
  expect(await readings("trellis_stream_set_aside")).toContainEqual({ labels: ofGroup, value: 1 });
  expect(await readings("trellis_stream_lag_events")).toContainEqual({ labels: ofGroup, value: 0 });
  await log.append(numbered(3));
  expect(await readings("trellis_stream_lag_events")).toContainEqual({ labels: ofGroup, value: 3 });
  const seconds = await readings("trellis_stream_lag_seconds");
  expect(seconds).toContainEqual({ labels: ofGroup, value: expect.any(Number) });
});

/** Metrics whose figures a test can read. */
function countingMetrics() {
  const counts = new Map<string, number>();
  const gauges = new Map<string, () => Readings | Promise<Readings>>();
  const count = (name: string) => (amount: number) => void counts.set(name, (counts.get(name) ?? 0) + amount);
  const metrics: Metrics = {
    on: true,
    counter: (name) => ({ add: (amount = 1) => count(name)(amount) }),
    histogram: (name) => ({ record: count(name) }),
    gauge: (name, _help, read) => void gauges.set(name, read),
  };
  const readings = async (name: string) =>
    (await gauges.get(name)?.()) as readonly { readonly labels: Labels; readonly value: number }[];
  return { metrics, counted: (name: string) => counts.get(name) ?? 0, readings };
}
