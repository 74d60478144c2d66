import pg from "pg";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Clock } from "../../../model/clock.ts";
import { scopeOf } from "../../../model/transaction.ts";
import { systemClock, systemRandom } from "../../../runtime/system-clock.ts";
import { silentLog } from "../../../testing/silent-log.ts";
import { testClock } from "../../../testing/test-clock.ts";
import { Listener } from "../listening/listener.ts";
import type { DatabaseEngine } from "../port.ts";
import { closeAfterTests, type TestDatabase, testDatabase } from "../test-database.contract.ts";
import { busMigrations, type NotifyBus, openNotifyBus } from "./notify-bus.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let server: TestDatabase;
let database: DatabaseEngine;

beforeAll(async () => {
  server = await testDatabase("bus");
  database = server.engine();
  await database.migrate(busMigrations);
});
beforeEach(async () => {
  await server.query("truncate trellis.message");
});

async function openBus(clock: Clock = systemClock): Promise<NotifyBus> {
  const parts = { database, clock, random: systemRandom, log: silentLog };
  const listener = new Listener({ ...parts, url: server.url });
  closeAfterTests(listener);
  const bus = await openNotifyBus({ ...parts, listener });
  closeAfterTests({ close: async () => bus.close() });
  return bus;
}

/** What a subscriber of `topic` hears, and a way to wait for it. */
function hear(bus: NotifyBus, topic: string) {
  const heard: string[] = [];
  const waiting = new Set<() => void>();
  const note = (what: string) => {
    heard.push(what);
    for (const look of waiting) look();
  };
  bus.subscribe(topic, { receive: note, missed: () => note("(missed)") });
  const until = (message: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!heard.includes(message)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { heard, until };
}

/** How PostgreSQL runs a statement that it has met often, whatever its parameter. */
async function genericPlan(text: string): Promise<string> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    await client.query("set plan_cache_mode = force_generic_plan");
    await client.query(`prepare look (text) as ${text}`);
    const { rows } = await client.query("explain execute look('1:1:')");
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  } finally {
    await client.end();
  }
}

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** A clock with which nobody looks by themselves: only notifications wake a bus. */
const stoppedClock = () => testClock();

const listeners =
  "select pid from pg_stat_activity where application_name = 'trellis listener' and datname = current_database()";
const cutListeners = () => server.query(`select pg_terminate_backend(pid, 5000) from (${listeners}) as listener`);

test("every instance hears a message, and its own at once", async () => {
  const [mine, other] = [await openBus(stoppedClock()), await openBus(stoppedClock())];
  const [here, there] = [hear(mine, "t"), hear(other, "t")];
  await mine.publish("t", "hello");
  expect(here.heard).toEqual(["hello"]);
  await there.until("hello");
});

test("only those that subscribed to the topic hear of it, until they unsubscribe", async () => {
  const bus = await openBus(stoppedClock());
  const [one, two] = [hear(bus, "one"), hear(bus, "two")];
  const heard: string[] = [];
  const stop = bus.subscribe("two", { receive: (message) => heard.push(message), missed: () => undefined });
  await bus.publish("two", "a");
  stop();
  await bus.publish("two", "b");
  expect([one.heard, two.heard, heard]).toEqual([[], ["a", "b"], ["a"]]);
});

test("a subscriber that throws keeps nobody else from hearing", async () => {
  const bus = await openBus(stoppedClock());
  bus.subscribe("t", {
    receive: () => {
      throw new Error("mine alone");
    },
    missed: () => undefined,
  });
  const { heard } = hear(bus, "t");
  await bus.publish("t", "hello");
  expect(heard).toEqual(["hello"]);
});

test("a message of a transaction arrives with its commit, and never after a rollback", async () => {
  const [mine, other] = [await openBus(stoppedClock()), await openBus(stoppedClock())];
  const [here, there] = [hear(mine, "t"), hear(other, "t")];
  await database.transaction(async (tx) => {
    await mine.publish("t", "committed", tx);
    expect(here.heard).toEqual([]);
  });
  expect(here.heard).toEqual(["committed"]);
  const rolledBack = database.transaction(async (tx) => {
    await mine.publish("t", "rolled back", tx);
    throw new Error("no");
  });
  await expect(rolledBack).rejects.toThrow("no");
  await mine.publish("t", "last");
  await there.until("last");
  expect([here.heard, there.heard]).toEqual([
    ["committed", "last"],
    ["committed", "last"],
  ]);
});

test("publishing outside of the transaction that is open here throws", async () => {
  const bus = await openBus(stoppedClock());
  await database.transaction(async () => {
    await expect(bus.publish("t", "forgotten")).rejects.toMatchObject({ code: "outside-transaction" });
  });
});

test("a message whose transaction commits after later ones is not skipped", async () => {
  const [mine, other] = [await openBus(stoppedClock()), await openBus(stoppedClock())];
  const there = hear(other, "t");
  const [published, commit] = [gate(), gate()];
  const late = database.transaction(async (tx) => {
    await mine.publish("t", "first, commits last", tx);
    published.open();
    await commit.opened;
  });
  await published.opened;
  for (const message of ["second", "third"]) {
    await mine.publish("t", message);
    await there.until(message);
  }
  commit.open();
  await late;
  await there.until("first, commits last");
  expect(there.heard).toEqual(["second", "third", "first, commits last"]);
});

test("each message of many that commit in any order arrives exactly once elsewhere", async () => {
  const [mine, other] = [await openBus(), await openBus()];
  const there = hear(other, "t");
  const messages = Array.from({ length: 300 }, (_, index) => `message ${index}`);
  await Promise.all(
    messages.map(async (message, index) => {
      if (index % 3 > 0) return mine.publish("t", message);
      return database.transaction(async (tx) => {
        await mine.publish("t", message, tx);
        await scopeOf(tx).query("select pg_sleep(0.002)");
      });
    }),
  );
  await mine.publish("t", "last");
  await Promise.all([...messages, "last"].map(there.until));
  expect(there.heard.toSorted()).toEqual([...messages, "last"].toSorted());
});

test("a message arrives within a second while the listener is cut off, by looking", async () => {
  const clock = testClock();
  const [mine, other] = [await openBus(stoppedClock()), await openBus(clock)];
  const there = hear(other, "t");
  await mine.publish("t", "before");
  await there.until("before");
  await cutListeners();
  await mine.publish("t", "without a listener");
  await clock.advance(500);
  await there.until("without a listener");
});

test("a listener that was cut off listens again, and reads what came meanwhile", async () => {
  const [mine, other] = [await openBus(), await openBus()];
  const there = hear(other, "t");
  await mine.publish("t", "before");
  await there.until("before");
  const before = await server.query<{ pid: number }>(listeners);
  await cutListeners();
  await mine.publish("t", "meanwhile");
  await there.until("meanwhile");
  await expect
    .poll(
      async () =>
        (await server.query<{ pid: number }>(listeners)).filter(({ pid }) => !before.some((old) => old.pid === pid))
          .length,
    )
    .toBeGreaterThanOrEqual(2);
  await mine.publish("t", "again");
  await there.until("again");
});

test("who could not look for longer than messages are kept is told that some may be missed", async () => {
  const clock = testClock();
  let asleep = 0;
  const bus = await openBus({ now: () => clock.now() + asleep, after: clock.after.bind(clock) });
  const { heard, until } = hear(bus, "t");
  asleep = 3_600_000;
  await clock.advance(500);
  await until("(missed)");
  await bus.publish("t", "heard again");
  expect(heard).toEqual(["(missed)", "heard again"]);
});

test("messages older than an hour are removed, younger ones are not", async () => {
  const clock = testClock();
  const bus = await openBus(clock);
  await bus.publish("t", "old");
  await server.query("update trellis.message set at = now() - interval '61 minutes'");
  await bus.publish("t", "young");
  await clock.advance(600_000);
  await expect.poll(() => server.query("select body from trellis.message")).toEqual([{ body: "young" }]);
});

test("looking costs an index's look-up, however many messages are kept", async () => {
  await server.query("insert into trellis.message (topic, body) select 't', 'b' from generate_series(1, 20000)");
  await server.query("analyze trellis.message");
  const bus = await openBus(stoppedClock());
  await bus.publish("t", "one more");
  const [statement] = await server.query<{ query: string }>(
    "select query from pg_stat_activity where query like '%pg_snapshot_xmax%' and pid <> pg_backend_pid() limit 1",
  );
  if (!statement) throw new Error("Nobody has looked yet.");
  const plan = await genericPlan(statement.query);
  expect(plan).toContain("message_xid");
  expect(plan).not.toContain("Seq Scan");
});
