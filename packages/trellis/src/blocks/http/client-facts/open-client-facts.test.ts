import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { SaltFile } from "../../../client-facts/salt-file.ts";
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
  return { clock, table, folder, open };
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

test("gateways of this machine find the salts of today, then of tomorrow too, and yesterday's are gone", async () => {
  const { clock, folder, open } = await opened();
  const gateway = new SaltFile(folder);
  const daysOf = async (): Promise<readonly number[]> => {
    const asked = await Promise.allSettled([today - 1, today, today + 1, today + 2].map((day) => gateway.saltOf(day)));
    return asked.flatMap(({ status }, index) => (status === "fulfilled" ? [index - 1] : []));
  };
  const { close } = await open();
  expect(await daysOf()).toEqual([0]);
  await clock.advance(23.5 * hourMs);
  await vi.waitFor(async () => expect(await daysOf()).toEqual([0, 1]));
  await clock.advance(hourMs);
  await vi.waitFor(async () => expect(await daysOf()).toEqual([1]));
  await close();
});

test("instances that begin at the same moment leave one file with a salt that all have, which only its owner reads", async () => {
  const { folder, open } = await opened();
  const instances = await Promise.all(Array.from({ length: 8 }, open));
  expect([...(await new SaltFile(folder).saltOf(today))]).toEqual(Array.from({ length: 32 }, () => today & 0xff));
  const files = await readdir(folder);
  expect(files.filter((name) => name.includes("salt"))).toEqual(["client-salts.json"]);
  expect((await stat(join(folder, "client-salts.json"))).mode & 0o777).toBe(0o600);
  await Promise.all(instances.map(({ close }) => close()));
});

test("a folder that cannot be written keeps nothing from opening", async () => {
  const { clock, folder, open } = await opened();
  await rm(folder, { recursive: true });
  const { facts, close } = await open();
  expect(facts.visitorOf("8.8.8.8", "Mozilla", clock.now())).toBeDefined();
  await close();
});
