import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { addNote, type NotesApp, notes, notesApp } from "./helpers/notes-app.ts";
import { canMount, smallDisk } from "./helpers/small-disk.ts";
import { kill, lives, startTrellis, type TrellisEvent } from "./helpers/trellis-process.ts";

type Environment = Readonly<Record<string, string>>;

/** What `trellis start` ends with: its last line, which has a cure and the exit code, and nothing left running. */
async function refusal(
  app: NotesApp,
  environment: Environment = {},
  ...words: readonly string[]
): Promise<TrellisEvent> {
  const trellis = startTrellis({ ...app, environment }, ...words);
  const { code, events, stdout, stderr } = await trellis.ended;
  const error = events.at(-1);
  expect(error, stdout + stderr).toMatchObject({
    event: "error",
    title: expect.stringMatching(/\S/),
    says: expect.stringMatching(/\S/),
    cure: expect.stringMatching(/\S.*\.$/s),
    exit: code,
  });
  expect(events.map(({ event }) => event)).not.toContain("ready");
  for (const event of events) if (typeof event.pid === "number") expect(lives(event.pid)).toBe(false);
  return error as TrellisEvent;
}

describe("a data folder that cannot be used", () => {
  test("because a newer PostgreSQL wrote it is left as it is", async () => {
    const app = notesApp();
    const running = startTrellis(app);
    await running.ready;
    expect((await running.stop()).code).toBe(0);
    const version = join(app.data, "postgres", "PG_VERSION");
    const written = readFileSync(version, "utf8");
    writeFileSync(version, "99\n");
    expect(await refusal(app)).toMatchObject({
      code: "data-folder-newer",
      exit: 78,
      says: expect.stringContaining("99"),
    });
    writeFileSync(version, "9\n");
    expect(await refusal(app)).toMatchObject({
      code: "data-folder-older",
      exit: 78,
      cure: expect.stringContaining("backup"),
    });
    writeFileSync(version, written);
    await startTrellis(app).ready;
  });

  test("because something else lies where PostgreSQL's data should be is left as it is", async () => {
    const app = notesApp();
    const postgres = join(app.data, "postgres");
    mkdirSync(postgres, { recursive: true });
    writeFileSync(join(postgres, "holiday.jpg"), "precious");
    expect(await refusal(app)).toMatchObject({
      code: "data-folder",
      exit: 73,
      says: expect.stringContaining(postgres),
    });
    expect(readdirSync(postgres)).toEqual(["holiday.jpg"]);
  });

  test.skipIf(!canMount)("because nothing can be written there", async () => {
    const app = notesApp();
    const disk = smallDisk(10, "ro");
    for (const data of [disk.path, join(disk.path, "data")])
      expect(await refusal(app, {}, "--data", data)).toMatchObject({
        code: "data-folder",
        exit: 73,
        says: expect.stringContaining(disk.path),
        cure: expect.stringContaining("--data"),
      });
    expect(readdirSync(disk.path)).toEqual([]);
  });

  test("because it is damaged is not made anew over what is left", async () => {
    const app = notesApp();
    const running = startTrellis(app);
    await addNote((await running.ready).url, "kept");
    await running.stop();
    const control = join(app.data, "postgres", "global", "pg_control");
    const written = readFileSync(control);
    writeFileSync(control, Buffer.alloc(written.length));
    expect(await refusal(app)).toMatchObject({
      code: "data-folder",
      exit: 73,
      cure: expect.stringContaining("backup"),
    });
    writeFileSync(control, written);
    expect(await notes((await startTrellis(app).ready).url)).toEqual(["kept"]);
  });
});

describe("a database elsewhere that cannot be used", () => {
  const unreachable = { code: "database-unreachable", exit: 69, cure: expect.stringContaining("DATABASE_URL") };

  test("because nobody knows its host is given up at once", async () => {
    const app = notesApp();
    const environment = { DATABASE_URL: "postgres://me@no-such-host.invalid/app" };
    const error = await refusal(app, environment);
    expect(error).toMatchObject({ ...unreachable, says: expect.stringContaining("no-such-host.invalid") });
    expect(existsSync(join(app.data, "postgres"))).toBe(false);
  });

  test("because its password is another, or the database is not there, without saying the password", async () => {
    const app = notesApp();
    const trellis = startTrellis(app);
    await trellis.ready;
    const { url } = await trellis.event<TrellisEvent & { url: string }>(({ event }) => event === "database");
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const hba = join(app.data, "postgres", "pg_hba.conf");
    writeFileSync(hba, `local all guest scram-sha-256\n${readFileSync(hba, "utf8")}`);
    await client.query("create role guest login password 'right'");
    await client.query("select pg_reload_conf()");
    await client.end();

    const address = new URL(url);
    address.username = "guest";
    address.password = "top-secret";
    const wrongPassword = await refusal(notesApp(), { DATABASE_URL: address.href });
    expect(wrongPassword).toMatchObject({ ...unreachable, says: expect.stringContaining("guest") });
    expect(JSON.stringify(wrongPassword)).not.toContain("top-secret");

    const elsewhere = new URL(url);
    elsewhere.pathname = "/nowhere";
    expect(await refusal(notesApp(), { DATABASE_URL: elsewhere.href })).toMatchObject({
      ...unreachable,
      says: expect.stringContaining("nowhere"),
    });
  });
});

describe("migrations that cannot run", () => {
  test("once they were changed are named, and the app starts when they are as before", async () => {
    const app = notesApp();
    const first = startTrellis(app);
    await addNote((await first.ready).url, "kept");
    await first.stop();
    const file = join(app.folder, "migrations/0001_note.sql");
    const sql = readFileSync(file, "utf8");
    app.write("migrations/0001_note.sql", `${sql}\ndrop table note;`);
    expect(await refusal(app)).toMatchObject({
      code: "changed-migration",
      exit: 65,
      says: expect.stringContaining("0001_note.sql"),
    });
    app.write("migrations/0001_note.sql", sql);
    expect(await notes((await startTrellis(app).ready).url)).toEqual(["kept"]);
  });

  test.each([
    ["with a number that is missing", "0003_more.sql", "create table more (id int)", "0002"],
    ["with a name that is none", "more.sql", "create table more (id int)", "more.sql"],
    ["with a transaction of its own", "0002_more.sql", "create table more (id int);\ncommit;", "line 2"],
    ["with rows that are there already", "0002_more.sql", "insert into note (text) values (null)", "0002_more.sql"],
  ])("%s are named, and nothing of them is kept", async (_, name, sql, says) => {
    const app = notesApp();
    app.write(`migrations/${name}`, sql);
    expect(await refusal(app)).toMatchObject({
      code: "broken-migration",
      exit: 65,
      says: expect.stringContaining(says),
    });
    rmSync(join(app.folder, "migrations", name));
    app.write("migrations/0002_more.sql", "create table more (id int);");
    expect(await notes((await startTrellis(app).ready).url)).toEqual([]);
  });

  test("because their runner was killed half-way leave nothing, and run the next time", async () => {
    const app = notesApp();
    app.write("migrations/0002_more.sql", "create table more (id int);\nselect pg_sleep(600);");
    const trellis = startTrellis(app);
    const { url } = await trellis.event<TrellisEvent & { url: string }>(({ event }) => event === "database");
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    client.on("error", () => undefined);
    const asleep = "select from pg_stat_activity where query like '%pg_sleep(600)%' and pid <> pg_backend_pid()";
    await expect.poll(async () => (await client.query(asleep)).rowCount, { timeout: 20_000 }).toBe(1);
    kill(trellis.pid);
    await trellis.ended;
    app.write("migrations/0002_more.sql", "create table more (id int);");
    await startTrellis(app).ready;
  });
});

describe("settings that are wrong are named before anything is started", () => {
  test.each<[string, string]>([
    ["NODE_ENV", "prod"],
    ["PORT", "65536"],
    ["DATABASE_URL", "mysql://localhost/app"],
    ["DATABASE_URL", "postgres://"],
    ["TRELLIS_DATABASE_CONNECTIONS", "3"],
    ["TRELLIS_STATEMENT_TIMEOUT", "10"],
    ["TRELLIS_WEB", "0"],
    ["TRELLIS_WORKERS", "-1"],
    ["TRELLIS_BODY_MAX", "1 potato"],
    ["TRELLIS_REQUEST_TIMEOUT", "-5s"],
    ["TRELLIS_LOG", "loud"],
    ["TRELLIS_LOG_REQUESTS", "true"],
  ])("%s=%s", async (name, value) => {
    const app = notesApp();
    const error = await refusal(app, { [name]: value });
    expect(error).toMatchObject({ code: "invalid-setting", exit: 78, cure: expect.stringMatching(/^(?:Set|Write) /) });
    expect(error.says).toContain(name);
    expect(existsSync(app.data)).toBe(false);
  });
});

describe("a Node.js that is too old", () => {
  const bin = join(import.meta.dirname, "../packages/trellis/bin/trellis.mjs");
  const script = join(import.meta.dirname, "../scripts/on-pinned-node.mjs");
  const pretend = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.8" } })';
  const old = (...words: readonly string[]) =>
    promisify(execFile)(process.execPath, [
      "--import",
      `data:text/javascript,${encodeURIComponent(pretend)}`,
      ...words,
    ]).then(
      () => expect.unreachable("It went on"),
      (failed: { code: number; stdout: string; stderr: string }) => failed,
    );

  test.each([
    ["the command", bin],
    ["the repository's scripts", script],
  ])("is told which one to install: %s", async (_, file) => {
    const { code, stdout, stderr } = await old(file, "start");
    expect(code).toBe(78);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/\(wrong-node\)\n {2}Node 18\.20\.8 is too old.*\n {2}→ Install Node 24 /);
  });

  test("is told so as JSON too", async () => {
    const { code, stdout } = await old(bin, "start", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      event: "error",
      code: "wrong-node",
      says: expect.stringContaining("18.20.8"),
      cure: expect.stringContaining("Node 24"),
      exit: code,
    });
  });
});
