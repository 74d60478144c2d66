import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { DatabaseEngine } from "../../blocks/database/port.ts";
import { type TestDatabase, testDatabase } from "../../blocks/database/test-database.contract.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Sql } from "../../model/sql.ts";
import { silentLog } from "../../testing/silent-log.ts";
import { settled, testClock } from "../../testing/test-clock.ts";
import { InstanceDirectory } from "./instance-directory.ts";
import { InstanceRegistry, instanceMigrations } from "./instance-registry.ts";
import { lookEveryMs, wakeMsMax } from "./limits.ts";

vi.setConfig({ testTimeout: 20_000, hookTimeout: 60_000 });

let server: TestDatabase;
let database: DatabaseEngine;

beforeAll(async () => {
  server = await testDatabase("directory");
  database = server.engine();
  await database.migrate(instanceMigrations);
});
beforeEach(async () => {
  await server.query("truncate trellis.instance");
});

/** How many statements of `sql` the database has not answered yet. */
let unanswered = 0;
const sql: Sql = {
  query: (text, values) => {
    unanswered += 1;
    return database.platform.query<never>(text, values).finally(() => {
      unanswered -= 1;
    });
  },
};

function registry(name: string, ...answers: readonly string[]): InstanceRegistry {
  return new InstanceRegistry({
    sql,
    clock: testClock(),
    log: silentLog,
    name,
    role: "web",
    answers,
    spool: () => ({ records: 0, bytes: 0, unlogged: 0, oldestAgeMs: 0, behindBecause: undefined }),
    calls: () => [],
  });
}

const [first, second] = ["http://127.0.0.1:4001", "http://127.0.0.1:4002"];

test("an instance is found where it answers, within a second, and no more once it ends", async () => {
  const clock = testClock();
  const one = registry("reports-1", "reports");
  await one.announce(first);
  const directory = new InstanceDirectory({ sql: database.platform, clock, log: silentLog });
  await directory.open();
  expect(directory.addressesOf("reports")).toEqual([first]);
  expect(directory.addressesOf("shop")).toEqual([]);
  await registry("reports-2", "reports", "shop").announce(second);
  await clock.advance(lookEveryMs);
  await expect.poll(() => directory.addressesOf("reports")).toEqual([first, second]);
  expect(directory.addressesOf("shop")).toEqual([second]);
  one.close();
  await expect.poll(async () => (await server.query("select 1 from trellis.instance")).length).toBe(1);
  await clock.advance(lookEveryMs);
  await expect.poll(() => directory.addressesOf("reports")).toEqual([second]);
  await directory.close();
  expect(clock.pending).toBe(0);
});

test("what has not changed is the same list, and what is on another machine is in none", async () => {
  await registry("reports-1", "reports").announce(first);
  await registry("reports-2", "reports").announce(second);
  await server.query(`update trellis.instance set host = 'another' where private_url = '${second}'`);
  const directory = new InstanceDirectory({ sql: database.platform, clock: testClock(), log: silentLog });
  await directory.open();
  const before = directory.addressesOf("reports");
  expect(before).toEqual([first]);
  await directory.close();
  await directory.open();
  expect(directory.addressesOf("reports")).toBe(before);
  await directory.close();
});

test("it looks again when asked to, for all who ask at once, and not all the time", async () => {
  let looks = 0;
  const sql: Sql = {
    query: (...given) => {
      looks += 1;
      return database.platform.query(...given);
    },
  };
  const clock = testClock();
  const directory = new InstanceDirectory({ sql, clock, log: silentLog });
  await directory.open();
  await clock.advance(lookEveryMs / 2);
  await registry("reports-1", "reports").announce(first);
  await Promise.all(Array.from({ length: 100 }, () => directory.refresh()));
  expect(directory.addressesOf("reports")).toEqual([first]);
  expect(looks).toBe(2);
  const again = Promise.all(Array.from({ length: 100 }, () => directory.refresh()));
  await clock.advance(49);
  expect(looks).toBe(2);
  await clock.advance(1);
  await again;
  expect(looks).toBe(3);
  await directory.close();
});

test("while the database is away it goes on with what it knew", async () => {
  let away = false;
  const sql: Sql = {
    query: (...given) => (away ? Promise.reject(new TrellisError("unavailable")) : database.platform.query(...given)),
  };
  await registry("reports-1", "reports").announce(first);
  const clock = testClock();
  const directory = new InstanceDirectory({ sql, clock, log: silentLog });
  await directory.open();
  away = true;
  await clock.advance(lookEveryMs);
  expect(directory.addressesOf("reports")).toEqual([first]);
  away = false;
  await clock.advance(lookEveryMs);
  await registry("reports-2", "reports").announce(second);
  await clock.advance(lookEveryMs);
  await expect.poll(() => directory.addressesOf("reports")).toEqual([first, second]);
  await directory.close();
});

/** A directory whose services are woken by `wake`; its clock goes on while something is waited for. */
async function waking(wake: (service: string) => Promise<boolean>) {
  const clock = testClock();
  const directory = new InstanceDirectory({ sql, clock, log: silentLog, wake });
  await directory.open();
  const begunAt = clock.now();
  const woken = async (): Promise<number> => {
    let over = false;
    const all = Promise.all(Array.from({ length: 100 }, () => directory.wake("reports"))).then(() => {
      over = true;
    });
    while (!over) {
      // What waits for the database waits outside of the clock.
      do await settled();
      while (unanswered > 0);
      await clock.advance(25);
    }
    await all;
    await directory.close();
    return clock.now() - begunAt;
  };
  return { directory, woken };
}

test("a service at rest is woken once for all who wait, who go on as soon as its first instance is there", async () => {
  const asked: string[] = [];
  const { directory, woken } = await waking(async (service) => {
    asked.push(service);
    await registry("reports-1", "reports").announce(first);
    return true;
  });
  expect(await woken()).toBeLessThan(500);
  expect(asked).toEqual(["reports"]);
  expect(directory.addressesOf("reports")).toEqual([first]);
});

test("whoever starts instances is asked again each second, until one is there", async () => {
  let asked = 0;
  const { woken } = await waking(async () => {
    asked += 1;
    if (asked === 3) await registry("reports-1", "reports").announce(first);
    return true;
  });
  expect(await woken()).toBeGreaterThanOrEqual(2_000);
  expect(asked).toBe(3);
});

test("nobody waits where none is on its way, nobody answers or nobody is there to ask", async () => {
  const none = await waking(async () => false);
  expect(await none.woken()).toBeLessThan(100);
  const silent = await waking(() => new Promise<boolean>(() => undefined));
  expect(await silent.woken()).toBeLessThan(1_100);
  const gone = await waking(() => Promise.reject(new TrellisError("not-running")));
  expect(await gone.woken()).toBeLessThan(100);
});

test("nobody waits for longer than half a minute, and no further than the end of this instance", async () => {
  const { woken } = await waking(async () => true);
  const tookMs = await woken();
  expect(tookMs).toBeGreaterThanOrEqual(wakeMsMax);
  expect(tookMs).toBeLessThan(wakeMsMax + 1_000);
  const ending = await waking(async () => {
    void ending.directory.close();
    return true;
  });
  expect(await ending.woken()).toBeLessThan(1_100);
});
