import { expect, test, vi } from "vitest";
import { dueSchedules } from "./due-schedules.ts";
import { TestGround } from "./test-ground.contract.ts";

vi.setConfig({ testTimeout: 20_000 });

const ground = new TestGround("due");

async function schedule(service: string, name: string, nextIn: string, seen = "0 s"): Promise<void> {
  await ground.server.query(
    `insert into trellis.schedule (service, name, spec, next_tick, seen_at)
     values ($1, $2, '1m', now() + $3::interval, now() - $4::interval)`,
    [service, name, nextIn, seen],
  );
}

test("the services are named of which a schedule's time has come, each once", async () => {
  await schedule("shop", "hourly", "-1 s");
  await schedule("shop", "daily", "-2 s");
  await schedule("shop", "weekly", "1 d");
  await schedule("news", "hourly", "1 h");
  expect(await dueSchedules(ground.database.platform)).toEqual(["shop"]);
});

test("what only an older release had wakes nobody, but what nobody looked at for long because all rests does", async () => {
  await schedule("shop", "now", "1 h", "10 s");
  await schedule("shop", "dropped", "-1 d", "1 d");
  await schedule("rests", "now", "-1 s", "3 h");
  await schedule("rests", "too", "1 h", "3 h");
  expect(await dueSchedules(ground.database.platform)).toEqual(["rests"]);
});
