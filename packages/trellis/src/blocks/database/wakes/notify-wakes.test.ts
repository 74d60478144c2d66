import { beforeAll, expect, test, vi } from "vitest";
import type { Clock } from "../../../model/clock.ts";
import { systemClock, systemRandom } from "../../../runtime/system-clock.ts";
import { silentLog } from "../../../testing/silent-log.ts";
import { testClock } from "../../../testing/test-clock.ts";
import { Listener } from "../listening/listener.ts";
import type { DatabaseEngine } from "../port.ts";
import { closeAfterTests, type TestDatabase, testDatabase } from "../test-database.contract.ts";
import { type NotifyWakes, openNotifyWakes } from "./notify-wakes.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let server: TestDatabase;
let database: DatabaseEngine;

beforeAll(async () => {
  server = await testDatabase("wakes");
  database = server.engine();
});

// Each test has topics of its own: what one sent last may arrive in the next.

/** What `topic` has been woken for, and a way to wait for it. */
function counter(wakes: NotifyWakes, topic: string) {
  const state = { count: 0, waiting: [] as { least: number; resolve: () => void }[] };
  const stop = wakes.on(topic, () => {
    state.count += 1;
    for (const { least, resolve } of state.waiting) if (state.count >= least) resolve();
  });
  return {
    stop,
    get count() {
      return state.count;
    },
    reset() {
      state.count = 0;
    },
    atLeast: (least: number) =>
      new Promise<void>((resolve) => {
        if (state.count >= least) resolve();
        else state.waiting.push({ least, resolve });
      }),
  };
}

interface Sent {
  readonly texts: string[];
}

/** One instance's wakes, that listen, and what they sent. `clock` measures the windows. */
async function openWakes(clock: Clock = systemClock): Promise<{ wakes: NotifyWakes; sent: Sent; listener: Listener }> {
  const sent: Sent = { texts: [] };
  const listener = new Listener({
    database,
    url: server.url,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  });
  closeAfterTests(listener);
  const notify = listener.notify.bind(listener);
  listener.notify = (channel, text = "") => {
    sent.texts.push(text);
    return notify(channel, text);
  };
  const wakes = openNotifyWakes({ listener, clock, log: silentLog });
  closeAfterTests({ close: async () => wakes.close() });
  await counter(wakes, "ready").atLeast(1);
  return { wakes, sent, listener };
}

test("every instance that waits for a topic is woken, and only for that topic", async () => {
  const [mine, other] = [await openWakes(), await openWakes()];
  const [here, there, elsewhere] = [
    counter(mine.wakes, "all-a"),
    counter(other.wakes, "all-a"),
    counter(other.wakes, "all-b"),
  ];
  mine.wakes.wake("all-a");
  expect(here.count).toBe(1);
  await there.atLeast(1);
  other.wakes.wake("all-b");
  expect([here.count, there.count, elsewhere.count]).toEqual([1, 1, 1]);
});

test("an instance is not woken a second time by its own notification", async () => {
  const [mine, other] = [await openWakes(), await openWakes()];
  const [here, back] = [counter(mine.wakes, "own-a"), counter(mine.wakes, "own-answer")];
  other.wakes.on("own-a", () => other.wakes.wake("own-answer"));
  mine.wakes.wake("own-a");
  // Notifications arrive in the order in which they were sent: after the other's answer, one's own would have come.
  await back.atLeast(1);
  expect(here.count).toBe(1);
});

test("of a thousand wakes the first goes at once, and the rest as one when the window ends", async () => {
  const clock = testClock();
  const { wakes, sent } = await openWakes(clock);
  for (let index = 0; index < 1_000; index += 1) wakes.wake("gathered-a");
  expect(sent.texts).toEqual(["gathered-a"]);
  await clock.advance(5);
  expect(sent.texts).toEqual(["gathered-a", "gathered-a"]);
  await clock.advance(5);
  wakes.wake("gathered-a");
  expect(sent.texts).toEqual(["gathered-a", "gathered-a", "gathered-a"]);
  await clock.advance(60_000);
  expect(sent.texts).toHaveLength(3);
  expect(clock.pending).toBe(0);
});

test("many topics of one window are told together, in as few notifications as they fit", async () => {
  const clock = testClock();
  const [mine, other] = [await openWakes(clock), await openWakes()];
  const topics = Array.from({ length: 80 }, (_, index) => `${"long".repeat(45)}-${index}`);
  const last = counter(other.wakes, topics.at(-1) ?? "");
  for (const topic of topics) mine.wakes.wake(topic);
  await last.atLeast(1);
  last.reset();
  for (const topic of topics) mine.wakes.wake(topic);
  await clock.advance(5);
  expect(mine.sent.texts).toHaveLength(80 + 3);
  await last.atLeast(1);
});

test("a topic that PostgreSQL could not carry is refused", async () => {
  const { wakes } = await openWakes();
  expect(() => wakes.wake("two words")).toThrow(TypeError);
  expect(() => wakes.wake("")).toThrow(TypeError);
  expect(() => wakes.wake("x".repeat(201))).toThrow(TypeError);
});

test("one that throws keeps nobody else from being woken", async () => {
  const { wakes } = await openWakes();
  wakes.on("throwing-a", () => {
    throw new Error("mine alone");
  });
  const second = counter(wakes, "throwing-a");
  wakes.wake("throwing-a");
  expect(second.count).toBe(1);
});

test("who has stopped waiting is not woken, and whoever asked twice is woken twice", async () => {
  const { wakes } = await openWakes();
  let count = 0;
  const run = (): void => {
    count += 1;
  };
  const stops = [wakes.on("stopped-a", run), wakes.on("stopped-a", run)];
  wakes.wake("stopped-a");
  stops[0]?.();
  wakes.wake("stopped-a");
  stops[1]?.();
  wakes.wake("stopped-a");
  expect(count).toBe(3);
});

test("after the connection was lost everyone is woken once, and hears again", async () => {
  const [mine, other] = [await openWakes(), await openWakes()];
  const [a, b] = [counter(other.wakes, "lost-a"), counter(other.wakes, "lost-b")];
  await server.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity
     where application_name = 'trellis listener' and datname = current_database()`,
  );
  await Promise.all([a.atLeast(1), b.atLeast(1)]);
  expect([a.count, b.count]).toEqual([1, 1]);
  mine.wakes.wake("lost-a");
  await a.atLeast(2);
  expect(b.count).toBe(1);
});

test("bus and wakes of an instance share one connection", async () => {
  const count = async () => {
    const [row] = await server.query<{ count: string }>(
      `select count(*) from pg_stat_activity
       where application_name = 'trellis listener' and datname = current_database()`,
    );
    return Number(row?.count);
  };
  const before = await count();
  const { listener } = await openWakes();
  const heard = Promise.withResolvers<void>();
  listener.on("trellis_other", { hear: () => undefined, missed: () => heard.resolve() });
  await heard.promise;
  expect(await count()).toBe(before + 1);
});

test("once closed it wakes nobody and leaves no timer", async () => {
  const clock = testClock();
  const { wakes, sent } = await openWakes(clock);
  wakes.wake("closed-a");
  wakes.wake("closed-a");
  wakes.close();
  wakes.wake("closed-a");
  await clock.advance(60_000);
  expect(sent.texts).toEqual(["closed-a"]);
  expect(clock.pending).toBe(0);
});
