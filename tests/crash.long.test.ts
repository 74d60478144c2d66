import { expect, test } from "vitest";
import { askOverAndOver } from "./helpers/ask-over-and-over.ts";
import { addNote, notes, notesApp, read } from "./helpers/notes-app.ts";
import {
  kill,
  leftRunning,
  lives,
  runTrellis,
  startTrellis,
  type TrellisEvent,
  type TrellisProcess,
} from "./helpers/trellis-process.ts";

const is =
  (name: string, facts: object = {}) =>
  (event: TrellisEvent) =>
    event.event === name && Object.entries(facts).every(([fact, value]) => event[fact] === value);

/** Resolves when the process is gone. */
async function gone(pid: number): Promise<void> {
  await expect.poll(() => lives(pid), { timeout: 15_000 }).toBe(false);
}

test("an instance that is killed is followed by another, while the other one answers", async () => {
  const trellis = startTrellis(notesApp());
  const { url, instances } = await trellis.ready;
  const [victim, other] = instances.filter(({ role }) => role === "web");
  if (!victim || !other) throw new Error("There are two web instances");
  const before = trellis.events.length;
  kill(victim.pid);
  await gone(victim.pid);
  for (let count = 0; count < 5; count += 1)
    expect(await read(`${url}/v1/who`, { connection: "close" })).toMatchObject({ pid: other.pid });

  const restart = await trellis.event(is("restart", { pid: victim.pid }), before);
  expect(restart).toMatchObject({ role: "web", because: "signal SIGKILL", inMs: expect.any(Number) });
  const successor = await trellis.event<TrellisEvent & { pid: number }>(is("instance", { role: "web" }), before);
  expect(successor.pid).not.toBe(victim.pid);
  const pids = new Set<number>();
  const answering = async () => pids.add((await read<{ pid: number }>(`${url}/v1/who`)).pid);
  // One that has just come gets few at first.
  await expect.poll(answering, { timeout: 10_000, interval: 5 }).toEqual(new Set([other.pid, successor.pid]));
});

test("when every web instance is killed at once, the port answers again", async () => {
  const trellis = startTrellis(notesApp());
  const { url, instances } = await trellis.ready;
  const before = trellis.events.length;
  const web = instances.filter(({ role }) => role === "web");
  for (const { pid } of web) kill(pid);
  await trellis.event(is("instance", { role: "web" }), before);
  expect(await read(`${url}/v1/who`)).toMatchObject({ says: "hello" });
});

test("PostgreSQL is started again when it is killed, and the same instances go on", async () => {
  const trellis = startTrellis(notesApp());
  const { url } = await trellis.ready;
  await addNote(url, "before");
  const { pid } = await trellis.event<TrellisEvent & { pid: number }>(is("database"));
  const before = trellis.events.length;
  kill(pid);
  const restart = await trellis.event(is("restart", { role: "database" }), before);
  expect(restart).toMatchObject({ pid });
  expect(await trellis.event(is("database"), before)).toMatchObject({ origin: "recovered" });
  await expect.poll(() => notes(url).catch(String), { timeout: 15_000 }).toEqual(["before"]);
  await addNote(url, "after");
  expect(await notes(url)).toEqual(["before", "after"]);
  expect(trellis.events.slice(before).filter(is("restart", { role: "web" }))).toEqual([]);
});

test("everything serves on when the supervisor is killed; the next one goes on with it, then replaces it", async () => {
  const app = notesApp();
  const trellis = startTrellis(app);
  const { url, instances } = await trellis.ready;
  await addNote(url, "before");
  const slow = read(`${url}/v1/slow`);
  await read(`${url}/v1/who`);
  trellis.signal("SIGKILL");
  await trellis.ended;
  expect(await slow).toEqual({ slept: 700 });
  await addNote(url, "meanwhile");
  expect(instances.map(({ pid }) => pid).every(lives)).toBe(true);

  // Every request from here on is answered, whoever answers it.
  const answers = askOverAndOver(url);
  const next = startTrellis(app);
  const again = await next.ready;
  expect(again.url).toBe(url);
  expect(again.instances.map(({ pid }) => pid).sort()).toEqual(instances.map(({ pid }) => pid).sort());
  expect(next.events[0]).toMatchObject({ event: "database", origin: "adopted" });
  await Promise.all(instances.map(({ pid }) => gone(pid)));
  expect(await notes(url)).toEqual(["before", "meanwhile"]);
  expect(next.events.filter(is("instance"))).toHaveLength(3);
  const { asked, failed } = await answers.stop();
  expect(asked).toBeGreaterThan(20);
  expect(failed).toEqual([]);

  const all = [...next.descendants(), ...leftRunning(app.data)];
  expect((await next.stop()).code).toBe(0);
  expect(all.filter(lives)).toEqual([]);
});

test("what a killed supervisor has left is ended by `trellis stop`", async () => {
  const app = notesApp();
  const trellis = startTrellis(app);
  const { url } = await trellis.ready;
  await addNote(url, "kept");
  trellis.signal("SIGKILL");
  await trellis.ended;
  const left = leftRunning(app.data);
  expect(left.length).toBe(5);
  expect((await runTrellis(["stop", "--json"], app)).code).toBe(0);
  expect(left.filter(lives)).toEqual([]);
  expect(await notes((await startTrellis(app).ready).url)).toEqual(["kept"]);
});

/** Adds notes one after another until it is refused; returns those that were acknowledged. */
async function write(url: string, name: string): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  for (let count = 0; ; count += 1) {
    const text = `${name} ${count}`;
    const added = await addNote(url, text).then(
      () => true,
      () => false,
    );
    if (!added) return acknowledged;
    acknowledged.push(text);
  }
}

test("kill -9 of the whole tree during writes, three times: every acknowledged note is there", async () => {
  const app = notesApp();
  const acknowledged: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const trellis: TrellisProcess = startTrellis(app);
    const { url } = await trellis.ready;
    expect(await notes(url)).toEqual(expect.arrayContaining(acknowledged));
    const writers = Array.from({ length: 4 }, (_, writer) => write(url, `${round}.${writer}`));
    const before = (await notes(url)).length;
    await expect.poll(async () => (await notes(url)).length, { timeout: 30_000 }).toBeGreaterThan(before + 100);
    await trellis.killTree();
    acknowledged.push(...(await Promise.all(writers)).flat());
  }
  const { url } = await startTrellis(app).ready;
  const there = new Set(await notes(url));
  expect(acknowledged.length).toBeGreaterThan(300);
  expect(acknowledged.filter((text) => !there.has(text))).toEqual([]);
});
