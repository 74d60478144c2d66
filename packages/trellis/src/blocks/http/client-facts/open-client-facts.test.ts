import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Sql } from "../../../model/sql.ts";
import { silentLog } from "../../../testing/silent-log.ts";
import { testClock } from "../../../testing/test-clock.ts";
import { openClientFacts } from "./open-client-facts.ts";

const hourMs = 3_600_000;
const today = Date.UTC(2026, 10, 23) / (24 * hourMs);

/** Instances on one table of salts, which may be away for a while. */
async function opened() {
  const folder = await mkdtemp(join(tmpdir(), "trellis-clients-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const clock = testClock(today * 24 * hourMs);
  const table = { asked: [] as number[], away: false };
  const sql: Sql = {
    query: async <Row extends object>(_: string, [day]: readonly unknown[] = []) => {
      if (table.away) throw new Error("away");
      table.asked.push(Number(day));
      return [{ salt: new Uint8Array(32).fill(Number(day) & 0xff) }] as unknown as readonly Row[];
    },
  };
  const open = () => openClientFacts({ sql, clock, log: silentLog, mode: "test", folder });
  return { clock, table, open };
}

test("the first request finds the salt there, and so does the first of each day, though nobody asked before", async () => {
  const { clock, table, open } = await opened();
  const { facts, close } = await open();
  onTestFinished(close);
  expect(facts.visitorOf("8.8.8.8", "Mozilla", clock.now())).toBeDefined();
  await clock.advance(24 * hourMs);
  expect(facts.visitorOf("8.8.8.8", "Mozilla", clock.now())).toBeDefined();
  await clock.advance(24 * hourMs);
  expect(table.asked).toEqual([today, today + 1, today + 2]);
});

test("a database that is away keeps nothing from opening, and is asked again", async () => {
  const { clock, table, open } = await opened();
  table.away = true;
  const { facts, close } = await open();
  onTestFinished(close);
  expect(facts.visitorOf("8.8.8.8", "Mozilla", clock.now())).toBeUndefined();
  table.away = false;
  await clock.advance(hourMs);
  expect(facts.visitorOf("8.8.8.8", "Mozilla", clock.now())).toBeDefined();
});

test("countries are known, and closing leaves no timer behind", async () => {
  const { clock, open } = await opened();
  const { facts, close } = await open();
  expect(facts.countryOf("8.8.8.8")).toBe("US");
  await close();
  expect(clock.pending).toBe(0);
});
