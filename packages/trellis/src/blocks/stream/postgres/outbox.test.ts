import { beforeAll, expect, test } from "vitest";
import { noMetrics } from "../../../model/metrics.ts";
import { noTracing } from "../../../model/tracing.ts";
import { scopeOf, type Transaction } from "../../../model/transaction.ts";
import { systemClock, systemRandom } from "../../../runtime/system-clock.ts";
import { silentLog } from "../../../testing/silent-log.ts";
import { testWakes } from "../../../testing/test-wakes.ts";
import { closeAfterTests, type TestDatabase, testDatabase } from "../../database/test-database.contract.ts";
import { migrateStreams } from "../migrate-streams.contract.ts";
import type { Log, Recorded } from "../port.ts";
import { openStreamEngine } from "./open-stream-engine.ts";

let server: TestDatabase;
let log: Log;
let transaction: <T>(run: (tx: Transaction) => Promise<T>) => Promise<T>;

beforeAll(async () => {
  server = await testDatabase("outbox");
  await migrateStreams(server);
  await server.query("create schema shop");
  await server.query("create table shop.sale (item text primary key)");
  await server.query(`create function shop.refuse() returns trigger language plpgsql as $$ begin
    if new.body = '"refused"' then raise exception 'the outbox is full' using errcode = '53100'; end if;
    if new.body = '"lost"' then perform pg_terminate_backend(pg_backend_pid()); end if;
    return new;
  end $$`);
  await server.query(
    "create trigger refuse before insert on trellis.outbox for each row execute function shop.refuse()",
  );
  const database = server.engine();
  const parts = { clock: systemClock, random: systemRandom, log: silentLog, wakes: testWakes(), instance: "one" };
  const engine = openStreamEngine({ ...parts, metrics: noMetrics, tracing: noTracing, database });
  closeAfterTests(engine);
  log = await engine.open({ service: "shop", name: "sales", partitions: 2, keepForMs: 86_400_000 });
  transaction = (run) => database.service("shop").transaction(run);
}, 60_000);

const event = (body: string): readonly Recorded[] => [{ key: "k", body: JSON.stringify(body) }];
const sell = (tx: Transaction, item: string) => scopeOf(tx).query("insert into shop.sale values ($1)", [item]);
const sold = async () =>
  (await server.query<{ item: string }>("select item from shop.sale order by item")).map(({ item }) => item);
const appended = async () => {
  const { appended, outbox } = await log.overview();
  return appended + outbox;
};

test("an append that fails takes its transaction with it, under its own name, whatever came before and after", async () => {
  const full = { code: "disk-full" };
  await expect(transaction((tx) => log.appendIn(tx, event("refused")))).rejects.toMatchObject(full);
  const beforeCommit = transaction(async (tx) => {
    await sell(tx, "a");
    await log.appendIn(tx, event("refused"));
  });
  await expect(beforeCommit).rejects.toMatchObject(full);
  const goesOn = transaction(async (tx) => {
    await log.appendIn(tx, event("fine"));
    await log.appendIn(tx, event("refused"));
    await sell(tx, "b");
    await sell(tx, "c");
  });
  await expect(goesOn).rejects.toMatchObject(full);
  expect(await sold()).toEqual([]);
  expect(await appended()).toBe(0);
});

test("an append that fails does not let the rest be kept where the error of what it went with is caught", async () => {
  const caught = transaction(async (tx) => {
    await sell(tx, "a");
    await log.appendIn(tx, event("refused"));
    await sell(tx, "b").catch(() => undefined);
  });
  await expect(caught).rejects.toThrow("let it through");
  expect(await sold()).toEqual([]);
});

test("a connection that is lost with the append and the commit says that nobody knows", async () => {
  await expect(transaction((tx) => log.appendIn(tx, event("lost")))).rejects.toMatchObject({ code: "outcome-unknown" });
  expect(await appended()).toBe(0);
});

test("many appends of one transaction are kept in their order, and with it", async () => {
  const before = await appended();
  await transaction(async (tx) => {
    for (let turn = 0; turn < 100; turn += 1) await log.appendIn(tx, event(`turn ${turn}`));
    await sell(tx, "many");
  });
  await expect.poll(async () => (await log.overview()).appended).toBe(before + 100);
  const bodies: string[] = [];
  const serving = log.consume({ service: "shop", batchMax: 500, retries: 0 }, async (batch) => {
    bodies.push(...batch.bodies);
  });
  await expect.poll(() => bodies.length).toBe(100);
  await serving.stop();
  expect(bodies).toEqual(Array.from({ length: 100 }, (_, turn) => `"turn ${turn}"`));
  expect(await sold()).toContain("many");
});
