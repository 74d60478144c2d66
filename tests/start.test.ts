import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addNote, type NotesApp, notes, notesApp, read } from "./helpers/notes-app.ts";
import { lives, runTrellis, startTrellis, TrellisProcess } from "./helpers/trellis-process.ts";

const signIn = (key: string | undefined) => ({ authorization: `Bearer ${key}` });

test("one command runs the app: two web instances and a worker on one port, and the owner's key, that once", async () => {
  const app = notesApp();
  const first = startTrellis(app);
  const ready = await first.ready;

  expect(first.events.map(({ event }) => event)).toEqual(["database", "instance", "instance", "instance", "ready"]);
  expect(first.events[0]).toMatchObject({ origin: "created" });
  expect(ready.instances.map(({ role }) => role)).toEqual(["web", "web", "worker"]);
  await addNote(ready.url, "one");
  expect(await notes(ready.url)).toEqual(["one"]);
  expect(await read(`${ready.url}/v1/mine`, signIn(ready.ownerKey))).toEqual({ id: expect.stringMatching(/^key:/) });
  for (const { url } of ready.instances) expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect((await first.stop()).code).toBe(0);

  const second = startTrellis(app);
  const again = await second.ready;
  expect(second.events[0]).toMatchObject({ event: "database", origin: "started" });
  expect(again).not.toHaveProperty("ownerKey");
  expect(await notes(again.url)).toEqual(["one"]);
  expect((await fetch(`${again.url}/v1/mine`, { headers: signIn(ready.ownerKey) })).status).toBe(200);
});

test("both web instances get their share of the connections", async () => {
  const app = notesApp();
  const { url, instances } = await startTrellis(app).ready;
  const asked = Array.from({ length: 8 }, () => read<{ pid: number }>(`${url}/v1/who`, { connection: "close" }));
  const pids = new Set((await Promise.all(asked)).map(({ pid }) => pid));
  expect([...pids].sort()).toEqual(
    instances
      .filter(({ role }) => role === "web")
      .map(({ pid }) => pid)
      .sort(),
  );
});

test("SIGTERM ends it in good order: what was begun is answered, nothing stays, exit code 0", async () => {
  const trellis = startTrellis(notesApp());
  const { url } = await trellis.ready;
  const all = trellis.descendants();
  const slow = read(`${url}/v1/slow`);
  await read(`${url}/v1/who`);
  const ended = trellis.stop();
  expect(await slow).toEqual({ slept: 700 });
  const { code, events } = await ended;
  expect(code).toBe(0);
  expect(events.slice(-2).map(({ event }) => event)).toEqual(["stopping", "stopped"]);
  expect(all.length).toBeGreaterThan(4);
  expect(all.filter(lives)).toEqual([]);
});

test("two checkouts run side by side, each on a port that it keeps", async () => {
  const [one, other] = [notesApp(), notesApp()];
  const startWithoutPort = (app: NotesApp) => new TrellisProcess(["start", "--json"], app);
  const first = startWithoutPort(one);
  const { url } = await first.ready;
  const { url: otherUrl } = await startWithoutPort(other).ready;
  expect(otherUrl).not.toBe(url);
  await Promise.all([addNote(url, "first"), addNote(otherUrl, "second")]);
  expect([await notes(url), await notes(otherUrl)]).toEqual([["first"], ["second"]]);
  await first.stop();
  expect((await startWithoutPort(one).ready).url).toBe(url);
});

test("the data folder is closed to others, and its secret to everyone else", async () => {
  const app = notesApp();
  await startTrellis(app).ready;
  expect(statSync(app.data).mode & 0o066).toBe(0);
  expect(statSync(join(app.data, "secret")).mode & 0o777).toBe(0o600);
  expect(statSync(join(app.data, "postgres")).mode & 0o777).toBe(0o700);
});

test("a data folder that is in use is refused, and the one who uses it goes on", async () => {
  const app = notesApp();
  const first = startTrellis(app);
  const { url } = await first.ready;
  const { code, events } = await startTrellis(app).ended;
  expect(code).toBe(73);
  expect(events).toEqual([
    expect.objectContaining({ event: "error", code: "data-folder-in-use", cure: expect.any(String) }),
  ]);
  expect(events[0]?.says).toContain(String(first.pid));
  await addNote(url, "still here");
});

test("a port in use is named before anything is started", async () => {
  const app = notesApp();
  const { url } = await startTrellis(notesApp()).ready;
  const { port } = new URL(url);
  const { code, stdout, stderr } = await runTrellis(["start", "--port", port], app);
  expect(code).toBe(71);
  expect(stdout).toBe("");
  expect(stderr).toContain(`Port ${port} is in use`);
  expect(stderr).toContain("→ Choose another with --port");
  expect(existsSync(join(app.data, "postgres"))).toBe(false);
});

test("a networked database is used where DATABASE_URL names one", async () => {
  const embedded = startTrellis(notesApp());
  await embedded.ready;
  const database = await embedded.event(({ event }) => event === "database");
  const environment = { DATABASE_URL: String(database.url) };
  const app = notesApp();
  const trellis = startTrellis({ ...app, environment });
  const { url } = await trellis.ready;
  expect(trellis.events[0]).toEqual({ event: "database", origin: "networked" });
  expect(existsSync(join(app.data, "postgres"))).toBe(false);
  await addNote(url, "elsewhere");
  const plan = await runTrellis(["plan", "--json"], { ...app, environment });
  expect(plan.events[0]).toMatchObject({ stage: 2 });
});

test("with TRELLIS_ORIGIN the public address is the one that is told", async () => {
  const trellis = startTrellis({ ...notesApp(), environment: { TRELLIS_ORIGIN: "https://go.example/" } });
  const { url, port } = await trellis.ready;
  expect(url).toBe("https://go.example");
  expect(await notes(`http://localhost:${port}`)).toEqual([]);
});
