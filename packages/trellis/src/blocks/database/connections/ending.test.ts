import { expect, test } from "vitest";
import { silentLog } from "../../../testing/silent-log.ts";
import { testClock } from "../../../testing/test-clock.ts";
import { testRandom } from "../../../testing/test-random.ts";
import { openNotifyBus } from "../bus/notify-bus.ts";
import { Listener } from "../listening/listener.ts";
import { openDatabaseEngine } from "../open-database-engine.ts";
import type { DatabaseEngine } from "../port.ts";

const nowhere = "postgres://trellis@localhost/trellis?host=/nowhere/at/all";

/** The clock stands still: whoever waits for time to pass waits for ever. */
const chances = { clock: testClock(), random: testRandom(), log: silentLog };

function engine(): DatabaseEngine {
  const limits = { poolMax: 1, pipelines: 1, statementTimeoutMs: 1_000, waitMs: 60_000 };
  return openDatabaseEngine({ ...chances, ...limits, url: nowhere, mode: "test" });
}

test("an engine that is closed waits no longer for a server that is gone", async () => {
  const gone = engine();
  const service = gone.service("links");
  const waiting = [
    gone.platform.query("select 1"),
    service.run({ text: "select 1", values: [] }),
    service.transaction(async () => undefined),
    gone.migrate({
      owner: "links",
      schema: "links",
      folder: import.meta.dirname.replace("connections", "bus/migrations"),
    }),
  ].map((work) => work.catch((error: Error) => error));
  await gone.close();
  for (const outcome of await Promise.all(waiting)) expect(outcome).toMatchObject({ code: "database-unreachable" });
});

test("a bus that is closed waits neither for its listener nor for a read of a server that is gone", async () => {
  let reads = 0;
  const query = () => {
    reads += 1;
    return reads === 1 ? Promise.resolve([{ snapshot: "5:5:" }]) : new Promise<never>(() => undefined);
  };
  const database = { ...engine(), platform: { query } } as unknown as DatabaseEngine;
  const listener = new Listener({ ...chances, database, url: nowhere });
  const bus = await openNotifyBus({ ...chances, database, listener });
  await chances.clock.advance(600);
  expect(reads).toBe(2);
  bus.close();
  await listener.close();
});
