import { randomUUID } from "node:crypto";
import { type CachePair, cacheContract } from "../blocks/cache/cache.contract.ts";
import type { Cache } from "../blocks/cache/cache.ts";
import { busMigrations, openNotifyBus } from "../blocks/database/bus/notify-bus.ts";
import { Listener } from "../blocks/database/listening/listener.ts";
import type { DatabaseEngine } from "../blocks/database/port.ts";
import { closeAfterTests, type TestDatabase, testDatabase } from "../blocks/database/test-database.contract.ts";
import type { Block } from "../model/block.ts";
import type { Bus } from "../model/bus.ts";
import type { Clock } from "../model/clock.ts";
import { silentLog } from "../testing/silent-log.ts";
import { type TestClock, testClock } from "../testing/test-clock.ts";
import { testOpening } from "../testing/test-opening.ts";
import { testRandom } from "../testing/test-random.ts";
import { systemClock } from "./system-clock.ts";

let database: TestDatabase | undefined;

async function openPair<Key, Value>(block: Block<"cache", Cache<Key, Value>>): Promise<CachePair<Key, Value>> {
  database ??= await testDatabase("cache_bus");
  const { url, query } = database;
  const engine = database.engine();
  await engine.migrate(busMigrations);
  // The other's bus looks and reconnects by a clock that stands still, so that without its listener it hears nothing.
  const otherTime = testClock();
  const [oneBus, otherBus] = [await openBus(url, engine, systemClock), await openBus(url, engine, otherTime)];
  const clock = testClock();
  const one = await block.open(testOpening({ clock, engines: { bus: oneBus } }));
  const other = await block.open(testOpening({ clock, engines: { bus: otherBus } }));
  const heard = async () => {
    await Promise.all([markerReaches(oneBus, otherBus), markerReaches(otherBus, oneBus)]);
  };
  await heard();
  return {
    one: one.handle,
    other: other.handle,
    clock,
    heard,
    transaction: (run) => engine.transaction(run),
    cut: async () => {
      await query(
        `select pg_terminate_backend(pid, 5000) from pg_stat_activity
         where datname = current_database() and application_name = 'trellis listener'`,
      );
    },
    mend: () => mended(heard, otherTime),
    close: async () => {
      await Promise.all([one.close?.(), other.close?.()]);
      await Promise.all([oneBus.close(), otherBus.close()]);
    },
  };
}

async function openBus(url: string, engine: DatabaseEngine, clock: Clock) {
  const parts = { database: engine, clock, random: testRandom(), log: silentLog };
  const listener = new Listener({ ...parts, url });
  closeAfterTests(listener);
  const bus = await openNotifyBus({ ...parts, listener });
  closeAfterTests({ close: async () => bus.close() });
  return bus;
}

/** What was said before the marker has been read by the time the marker is. */
async function markerReaches(sender: Bus, receiver: Bus): Promise<void> {
  const topic = `marker ${randomUUID()}`;
  const arrived = Promise.withResolvers<void>();
  const unsubscribe = receiver.subscribe(topic, { receive: () => arrived.resolve(), missed: () => arrived.resolve() });
  await sender.publish(topic, "");
  await arrived.promise;
  unsubscribe();
}

/** Lets the other's time pass until it is connected and has heard. */
async function mended(heard: () => Promise<void>, time: TestClock): Promise<void> {
  let isMended = false;
  const done = heard().then(() => {
    isMended = true;
  });
  while (!isMended) await time.advance(500);
  await done;
}

cacheContract("PostgreSQL's NOTIFY", openPair);
