import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { account, ClickLoad, clicksApp, follow, seen } from "./helpers/clicks-app.ts";
import { kill, startTrellis, type TrellisEvent } from "./helpers/trellis-process.ts";

const within = { timeout: 20_000, interval: 100 };

/** Everything that was answered has been handled once; what got no answer at most once. */
async function expectOnce(url: string, answered: readonly string[]): Promise<void> {
  await expect.poll(() => account(url), within).toMatchObject({ inSpools: 0, lag: 0 });
  const { spooled, forwarded, unlogged, setAside } = await account(url);
  const ids = await seen(url);
  expect({ forwarded, unlogged, setAside }).toEqual({ forwarded: spooled, unlogged: 0, setAside: 0 });
  expect(ids.length).toBe(spooled);
  expect(new Set(ids).size).toBe(ids.length);
  const arrived = new Set(ids);
  expect(answered.filter((id) => !arrived.has(id))).toEqual([]);
}

function spooledText(data: string): string {
  const folder = join(data, "spool");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".spool"))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("");
}

test("a click whose answer was read is on the disk, though everything is killed at that moment", async () => {
  const app = clicksApp();
  const trellis = startTrellis(app);
  const { url } = await trellis.ready;
  for (let count = 0; count < 5; count += 1) {
    const id = `just-answered-${count}`;
    expect(await follow(url, id)).toBe(true);
    expect(spooledText(app.data)).toContain(id);
  }
  await trellis.killTree();
  const again = startTrellis(app);
  const { url: newUrl } = await again.ready;
  await expectOnce(newUrl, ["just-answered-4"]);
});

test("instances killed under load, again and again: every answered click is handled once", async () => {
  const trellis = startTrellis(clicksApp());
  const { url, instances } = await trellis.ready;
  const load = new ClickLoad("load");
  load.begin(url);
  let victims = instances.filter(({ role }) => role === "web").map(({ pid }) => pid);
  for (const _round of [1, 2, 3]) {
    await load.answers(500);
    const [victim = 0, ...others] = victims;
    const before = trellis.events.length;
    kill(victim);
    const born = (event: TrellisEvent): boolean => event.event === "instance" && event.role === "web";
    const successor = await trellis.event<TrellisEvent & { pid: number }>(born, before);
    victims = [...others, successor.pid];
  }
  await load.answers(500);
  await load.cut();
  await expectOnce(url, load.answered);
});

test("the whole tree killed three times under load: after the restart every answered click is handled once", async () => {
  const app = clicksApp();
  const answered: string[] = [];
  for (const round of [1, 2, 3]) {
    const trellis = startTrellis(app);
    const { url } = await trellis.ready;
    const load = new ClickLoad(`round-${round}`);
    load.begin(url);
    await load.answers(1_000);
    await trellis.killTree();
    await load.cut();
    answered.push(...load.answered);
  }
  const { url } = await startTrellis(app).ready;
  await expectOnce(url, answered);
});

test("PostgreSQL killed under load: clicks are answered all the while, and every one is handled once", async () => {
  const trellis = startTrellis(clicksApp());
  const { url } = await trellis.ready;
  const { pid } = await trellis.event<TrellisEvent & { pid: number }>(({ event }) => event === "database");
  const load = new ClickLoad("load");
  load.begin(url);
  await load.answers(500);
  const before = trellis.events.length;
  kill(pid);
  await trellis.event(({ event }) => event === "database", before);
  await load.answers(500);
  await load.end();
  expect(load.failed).toBe(0);
  await expectOnce(url, load.answered);
});

test("an instance that is stopped leaves nothing behind: its clicks are in the stream before it ends", async () => {
  const app = clicksApp();
  const trellis = startTrellis(app);
  const { url } = await trellis.ready;
  for (let count = 0; count < 20; count += 1) expect(await follow(url, `last-${count}`)).toBe(true);
  expect((await trellis.stop()).code).toBe(0);
  expect(readdirSync(join(app.data, "spool"))).toEqual([]);
  const again = startTrellis(app);
  const { url: newUrl } = await again.ready;
  expect(await account(newUrl)).toMatchObject({ spooled: 20, forwarded: 20, inSpools: 0 });
  await expectOnce(
    newUrl,
    Array.from({ length: 20 }, (_, count) => `last-${count}`),
  );
});
