import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { amount } from "../packages/trellis/src/cli/text/amount.ts";
import type { Limit } from "../packages/trellis/src/model/limit.ts";
import { platformLimits } from "../packages/trellis/src/runtime/platform-limits.ts";
import { emptyFolder } from "./helpers/empty-folder.ts";
import { errorOf } from "./helpers/error-of.ts";
import { addNote, notes, notesApp, read } from "./helpers/notes-app.ts";
import { type Outcome, runTrellis, startTrellis, TrellisProcess } from "./helpers/trellis-process.ts";

test("plan prints every limit of the app and of the platform's own parts, in text and in JSON", async () => {
  const app = notesApp();
  const [text, json] = await Promise.all([runTrellis(["plan"], app), runTrellis(["plan", "--json"], app)]);
  const limits = (json.events[0]?.limits ?? []) as readonly Limit[];
  expect(limits).toEqual(expect.arrayContaining([...platformLimits]));
  for (const { name, value, unit, set } of limits)
    expect(text.stdout.replaceAll(/ +/g, " ")).toContain(` ${name} ${amount(value, unit)} ${set}\n`);
});

test("keys are made, listed and revoked while the app runs and while it does not", async () => {
  const app = notesApp();
  const made = await runTrellis(["key", "new", "--scopes", "notes:read", "--label", "first", "--json"], app);
  expect(made.events[0]).toMatchObject({ scopes: ["notes:read"], workspace: "main", label: "first" });

  const { url } = await startTrellis(app).ready;
  const { stdout } = await runTrellis(["key", "new", "--owner"], app);
  const status = async (key: unknown) =>
    (await fetch(`${url}/v1/mine`, { headers: { authorization: `Bearer ${key}` } })).status;
  expect(stdout).toMatch(/^trellis_[0-9a-f]{16}_\S{32}\n$/);
  expect([await status(stdout.trim()), await status(made.events[0]?.key)]).toEqual([200, 200]);

  expect((await runTrellis(["key", "revoke", String(made.events[0]?.id)], app)).code).toBe(0);
  await expect.poll(() => status(made.events[0]?.key), { timeout: 5_000 }).toBe(401);
  expect(await status(stdout.trim())).toBe(200);
  const list = await runTrellis(["key", "list"], app);
  expect(list.stdout).toMatch(/notes:read +\S+ +revoked .* first\n/);
  expect(list.stdout).toMatch(/\* +\S+ +valid/);
  expect((await runTrellis(["key", "revoke", "nothing"], app)).code).toBe(64);
});

test("a backup of the running app becomes a data folder that has all of it", async () => {
  const app = notesApp();
  const running = startTrellis(app);
  const { url, ownerKey } = await running.ready;
  await addNote(url, "kept");
  const backup = await runTrellis(["backup", "all.tar.gz", "--json"], app);
  expect(backup.events[0]).toMatchObject({ file: join(app.folder, "all.tar.gz"), bytes: expect.any(Number) });
  await addNote(url, "too late");

  expect((await runTrellis(["restore", "all.tar.gz", "--data", "restored"], app)).code).toBe(0);
  const restored = await startTrellis(app, "--data", "restored").ready;
  expect(await notes(restored.url)).toEqual(["kept"]);
  const signedIn = await fetch(`${restored.url}/v1/mine`, { headers: { authorization: `Bearer ${ownerKey}` } });
  expect(signedIn.status).toBe(200);

  writeFileSync(join(app.folder, "torn.tar.gz"), "not a backup");
  const torn = await runTrellis(["restore", "torn.tar.gz", "--data", "torn", "--json"], app);
  expect(errorOf(torn)).toMatchObject({ code: "broken-backup", exit: 65 });
  expect(existsSync(join(app.folder, "torn"))).toBe(false);
  const over = await runTrellis(["restore", "all.tar.gz", "--json"], app);
  expect(errorOf(over)).toMatchObject({ exit: 73 });
});

test("migrations run by themselves, or at a moment of one's choice, and a dry run changes nothing", async () => {
  const app = notesApp();
  const named = ({ events: [answer] }: Outcome, list: string) => {
    const files = (answer?.[list] ?? []) as readonly { readonly owner: string; readonly file: string }[];
    return files.map(({ owner, file }) => `${owner} ${file}`);
  };
  const dry = named(await runTrellis(["migrate", "--dry-run", "--json"], app), "pending");
  expect(dry).toContain("notes 0001_note.sql");
  expect(named(await runTrellis(["migrate", "--json"], app), "ran")).toEqual(dry);
  expect((await runTrellis(["migrate"], app)).stdout).toBe("Every migration has run.\n");
  app.write("migrations/0001_note.sql", "create table note (id bigint);");
  expect(errorOf(await runTrellis(["migrate", "--json"], app))).toMatchObject({ code: "changed-migration" });
});

test("doctor finds nothing wrong with an app that is well, and names what is wrong, with its cure", async () => {
  const app = notesApp();
  const findings = async (environment: Readonly<Record<string, string>> = {}) => {
    const { code, events } = await runTrellis(["doctor", "--json"], { ...app, environment });
    const all = events[0]?.findings as readonly { readonly check: string; readonly state: string }[];
    return { code, wrong: all.flatMap(({ check, state }) => (state === "wrong" ? [check] : [])), all };
  };
  expect(await findings()).toMatchObject({ code: 0, wrong: [] });
  expect(existsSync(app.data)).toBe(false);

  const running = startTrellis(app);
  await running.ready;
  const well = await findings();
  expect(well).toMatchObject({ code: 0, wrong: [] });
  expect(well.all).toContainEqual({ check: "migrations", state: "ok", says: "all have run" });
  expect(well.all).toContainEqual({ check: "database", state: "ok", says: "PostgreSQL 18 answers" });

  expect(await findings({ DATABASE_URL: "postgres://127.0.0.1:9/nothing" })).toMatchObject({
    code: 78,
    wrong: ["database"],
  });
  expect(await findings({ TRELLIS_WORKERS: "many" })).toMatchObject({ code: 78, wrong: ["app"] });
  const noted = await findings({ REDIS_URL: "redis://127.0.0.1", TRELLIS_WEBS: "3" });
  expect(noted.code).toBe(0);
  expect(noted.all.filter(({ state }) => state === "note")).toHaveLength(2);
});

test("run is one instance on the database of others, with a secret that they share", async () => {
  const app = notesApp();
  const whole = startTrellis(app);
  const { url } = await whole.ready;
  await addNote(url, "seen by all");
  const { url: databaseUrl } = await whole.event(({ event }) => event === "database");
  const environment = { DATABASE_URL: String(databaseUrl) };
  const run = (...words: readonly string[]) => new TrellisProcess(["run", "--json", ...words], { ...app, environment });

  const web = run("--role", "web", "--port", "0");
  const ready = await web.ready;
  expect(await notes(ready.url)).toEqual(["seen by all"]);
  const slow = read(`${ready.url}/v1/slow`);
  await read(`${ready.url}/v1/who`);
  const ended = web.stop();
  expect(await slow).toEqual({ slept: 700 });
  expect((await ended).code).toBe(0);

  const worker = run("--role", "worker");
  const { url: privateUrl } = await worker.ready;
  expect((await fetch(`${privateUrl}/readyz`)).status).toBe(200);
  expect((await fetch(`${privateUrl}/v1/notes`)).status).toBe(404);
  expect((await worker.stop()).code).toBe(0);

  expect(errorOf(await run("--role", "cook").ended)).toMatchObject({ code: "usage" });
  expect(errorOf(await run("--services", "nothing").ended)).toMatchObject({ code: "usage" });
  expect(errorOf(await runTrellis(["run", "--json"], app))).toMatchObject({ code: "invalid-setting" });
});

test("dev follows edits, shows what does not run, and goes on with the next edit", async () => {
  const app = notesApp();
  const dev = new TrellisProcess(["dev", "--json", "--port", "0"], app);
  const { url, ownerKey } = await dev.ready;
  const said = async () => (await read<{ says: string }>(`${url}/v1/who`)).says;
  const nextAfter = async (edit: () => void, event: string) => {
    const before = dev.events.length;
    edit();
    return dev.event((each) => each.event === event, before);
  };
  expect(ownerKey).toMatch(/^trellis_/);
  // Another address of this machine: only what listens on all of them answers there.
  await expect(read(url.replace("localhost", "127.0.0.2"))).rejects.toThrow("fetch failed");
  expect(await said()).toBe("hello");
  expect(await nextAfter(() => app.edit('"hello"', '"goodbye"'), "ready")).not.toHaveProperty("ownerKey");
  expect(await said()).toBe("goodbye");
  const broken = await nextAfter(() => app.edit('"hello"', '"hello'), "broken");
  expect(broken).toMatchObject({ code: "broken-config", says: expect.stringContaining("trellis.config.ts") });
  await nextAfter(() => app.edit('"hello"', '"again"'), "ready");
  expect(await said()).toBe("again");
  expect((await dev.stop()).code).toBe(0);
});

test("every command explains itself, to people and to programs", async () => {
  const folder = emptyFolder();
  const overview = await runTrellis(["--help"], { folder });
  expect(overview.code).toBe(0);
  const { commands } = (await runTrellis(["--help", "--json"], { folder })).events[0] as unknown as {
    readonly commands: readonly { readonly name: string }[];
  };
  expect(commands.length).toBeGreaterThan(10);
  for (const { name } of commands) {
    expect(overview.stdout).toContain(`  ${name} `);
    const words = name.split(" ");
    const [people, programs] = await Promise.all([
      runTrellis([...words, "--help"], { folder }),
      runTrellis([...words, "--help", "--json"], { folder }),
    ]);
    expect([people.code, programs.code]).toEqual([0, 0]);
    expect(people.stdout).toContain(`trellis ${name}`);
    expect(people.stdout).toContain("--json");
    expect(programs.events[0]).toMatchObject({ name, about: expect.any(String) });
  }
});
