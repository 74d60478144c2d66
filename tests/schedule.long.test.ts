import { expect, test } from "vitest";
import { client } from "../packages/trellis/src/contract.ts";
import { operationsContract } from "../packages/trellis/src/operations/contract.ts";
import { millApp } from "./helpers/mill-app.ts";
import { notes } from "./helpers/notes-app.ts";
import { kill, runTrellis, startTrellis } from "./helpers/trellis-process.ts";

const writes = (text: string) => `await db.insertInto("note").values({ text: ${text} }).execute();`;

test("two processes and a schedule of every second: each second is run once, by one of them", async () => {
  const trellis = startTrellis(
    millApp(`{ every: "1s", run: async (_, { db }) => { ${writes("String(process.pid)")} } }`),
  );
  const { url, ownerKey = "" } = await trellis.ready;
  const ask = client(operationsContract, { url, key: ownerKey });
  await expect.poll(async () => (await notes(url)).length, { timeout: 30_000 }).toBeGreaterThanOrEqual(6);
  const [turn] = (await ask.schedules()).schedules;
  const begun = (await notes(url)).length;
  const ticks = turn?.runs.map(({ tick }) => Date.parse(tick)) ?? [];
  expect(ticks.length).toBeGreaterThanOrEqual(5);
  expect(new Set(ticks).size).toBe(ticks.length);
  expect(ticks.every((tick) => tick % 1_000 === 0)).toBe(true);
  // Whoever has written its note may not have ended yet; later ones may have begun since.
  expect(begun).toBeGreaterThanOrEqual(ticks.length);
  expect(turn?.runs.every(({ outcome, error }) => outcome === "done" && error === null)).toBe(true);
  await trellis.stop();
});

test("a run whose process is killed begins again in another one, and counts once", async () => {
  const run = `async (_, { db }) => {
    ${writes("String(process.pid)")}
    const runs = await db.selectFrom("note").select("id").execute();
    if (runs.length === 1) await new Promise((resolve) => setTimeout(resolve, 600_000));
  }`;
  const trellis = startTrellis(millApp(`{ cron: "0 0 29 2 *", zone: "UTC", run: ${run} }`));
  const { url, ownerKey = "" } = await trellis.ready;
  const ask = client(operationsContract, { url, key: ownerKey });
  expect(await ask.runSchedule({ params: { service: "mill", name: "turn" } })).toEqual({ started: true });
  await expect.poll(async () => (await notes(url)).length, { timeout: 15_000 }).toBe(1);
  expect(await ask.runSchedule({ params: { service: "mill", name: "turn" } })).toEqual({ started: false });
  const [victim = ""] = await notes(url);
  kill(Number(victim));
  await expect.poll(async () => (await ask.schedules()).schedules[0]?.runs.length, { timeout: 30_000 }).toBe(1);
  const pids = await notes(url);
  expect(pids).toHaveLength(2);
  expect(pids[1]).not.toBe(victim);
  expect((await ask.schedules()).schedules[0]?.runs).toMatchObject([{ outcome: "done", byHand: true }]);
});

test.each([
  ["plan", '{ cron: "61 * * * *", zone: "UTC", run: async () => {} }', "61"],
  ["start", '{ cron: "0 3 * * *", zone: "Europe/Atlantis", run: async () => {} }', "Europe/Atlantis"],
  ["doctor", '{ every: "10ms", run: async () => {} }', "10ms"],
])("trellis %s refuses %s, naming the schedule", async (command, schedule, part) => {
  const { code, stdout } = await runTrellis([command, "--json"], millApp(schedule));
  expect(code).toBe(78);
  expect(stdout).toContain("mill.turn");
  expect(stdout).toContain(part);
});
