import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { scopeOf } from "../../../model/transaction.ts";
import type { DatabaseEngine, Migrations } from "../port.ts";
import { type TestDatabase, testDatabase } from "../test-database.contract.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let server: TestDatabase;
let engine: DatabaseEngine;
let root: string;
let links: Migrations;
let count = 0;

beforeAll(async () => {
  server = await testDatabase("migrate");
  engine = server.engine();
  root = await mkdtemp(join(tmpdir(), "trellis-migrate-"));
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(async () => {
  count += 1;
  const folder = join(root, String(count));
  await mkdir(folder);
  links = { owner: `links${count}`, schema: `links${count}`, folder };
});

const write = (file: string, text: string) => writeFile(join(links.folder, file), text);
const ran = () =>
  server.query("select number, name from trellis.migration where owner = $1 order by number", [links.owner]);
const tables = async () =>
  (
    await server.query<{ name: string }>("select tablename as name from pg_tables where schemaname = $1 order by 1", [
      links.schema,
    ])
  ).map(({ name }) => name);

describe("migrations", () => {
  test("run once each, in their order, in their owner's schema", async () => {
    await write("0001_link.sql", "create table link (code text primary key); insert into link values ('a');");
    await write("0002_click.sql", "create table click (code text references link); -- the last needs no semicolon");
    expect(await engine.migrate(links)).toEqual([
      { owner: links.owner, number: 1, file: "0001_link.sql" },
      { owner: links.owner, number: 2, file: "0002_click.sql" },
    ]);
    expect(await engine.migrate(links)).toEqual([]);
    await write("0003_more.sql", "alter table link add column more int");
    expect(await engine.migrate(links)).toHaveLength(1);
    expect(await tables()).toEqual(["click", "link"]);
    expect(await ran()).toHaveLength(3);
  });

  test("wait for no one else's where none is left to run", async () => {
    await write("0001_link.sql", "create table link ()");
    await engine.migrate(links);
    await engine.transaction(async (tx) => {
      await scopeOf(tx).query("select pg_advisory_xact_lock(hashtextextended('trellis:migration', 0))");
      expect(await server.engine().migrate(links)).toEqual([]);
    });
  });

  test("can be read from a file URL, as import.meta.resolve gives it", async () => {
    await write("0001_link.sql", "create table link ()");
    await engine.migrate({ ...links, folder: pathToFileURL(`${links.folder}/`).href });
    expect(await tables()).toEqual(["link"]);
  });

  test("that are pending are told without running them", async () => {
    await write("0001_link.sql", "create table link ()");
    expect(await engine.pendingMigrations(links)).toEqual([{ owner: links.owner, number: 1, file: "0001_link.sql" }]);
    expect(await tables()).toEqual([]);
    await engine.migrate(links);
    expect(await engine.pendingMigrations(links)).toEqual([]);
  });

  test("are run by one of many instances, while the others wait for it", async () => {
    await write("0001_link.sql", "create table link (); select pg_sleep(0.1);");
    const instances = Array.from({ length: 8 }, () => server.engine());
    const results = await Promise.all(instances.map((instance) => instance.migrate(links)));
    expect(results.map(({ length }) => length).toSorted()).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
  });

  test("may take longer than a statement may", async () => {
    await write("0001_slow.sql", "select pg_sleep(0.3)");
    const hasty = server.engine({ statementTimeoutMs: 150 });
    expect(await hasty.migrate(links)).toHaveLength(1);
  });
});

describe("a broken migration", () => {
  const broken = async (says: string | RegExp) => {
    const message = typeof says === "string" ? expect.stringContaining(says) : expect.stringMatching(says);
    await expect(engine.migrate(links)).rejects.toMatchObject({ code: "broken-migration", message });
  };

  test("names its file and line and what PostgreSQL says, and nothing of it is kept", async () => {
    await write("0001_good.sql", "create table good ();");
    await write("0002_bad.sql", "create table half ();\n\n-- ü\ncreate table other (code txt);\n");
    await broken(/0002_bad\.sql, line 4: type "txt" does not exist$/);
    expect(await tables()).toEqual(["good"]);
    expect(await ran()).toEqual([{ number: 1, name: "0001_good.sql" }]);
    await write("0002_bad.sql", "create table half ();");
    expect(await engine.migrate(links)).toHaveLength(1);
  });

  test("is one that fails on the data, too", async () => {
    await write("0001_rows.sql", "create table link (code text primary key); insert into link values ('a'), ('a');");
    await broken("duplicate key");
    expect(await tables()).toEqual([]);
  });

  test.each([
    ["begin;\ncreate table link ();\ncommit;", "line 1: begin"],
    ["create table link ();\n  COMMIT;\ncreate table other ()", "line 2: COMMIT"],
    ["create table link (); rollback", "line 1: rollback"],
  ])("is one with a transaction of its own: %j", async (text, says) => {
    await write("0001_link.sql", text);
    await broken(says);
    expect(await tables()).toEqual([]);
  });

  test("is not one whose function has a `begin`, or whose text tells of commits", async () => {
    const body = "$body$ begin return 1; end; $body$";
    await write(
      "0001_function.sql",
      `create function f() returns int language plpgsql as ${body};\n-- ; commit\nselect '; rollback';`,
    );
    expect(await engine.migrate(links)).toHaveLength(1);
  });

  test("is a gap, a number given twice, a name that is none, or no folder", async () => {
    await write("0001_a.sql", "");
    await write("0003_b.sql", "");
    await broken("0002 is missing");
    await rm(join(links.folder, "0003_b.sql"));
    await write("0001_b.sql", "");
    await broken("the same number as 0001_a.sql");
    await rm(join(links.folder, "0001_b.sql"));
    await write("2_b.sql", "");
    await broken("not named as a migration");
    links = { ...links, folder: join(root, "nowhere") };
    await broken("cannot be read");
  });
});

describe("a migration that was changed after it ran", () => {
  test("is refused, and nothing after it runs", async () => {
    await write("0001_link.sql", "create table link ();");
    await engine.migrate(links);
    await write("0001_link.sql", "create table link (code text);");
    await write("0002_more.sql", "create table more ();");
    const error = { code: "changed-migration", message: expect.stringContaining("0001_link.sql") };
    await expect(engine.migrate(links)).rejects.toMatchObject(error);
    await expect(engine.pendingMigrations(links)).rejects.toMatchObject(error);
    expect(await tables()).toEqual(["link"]);
  });

  test("or removed is refused", async () => {
    await write("0001_link.sql", "create table link ();");
    await engine.migrate(links);
    await rm(join(links.folder, "0001_link.sql"));
    await expect(engine.migrate(links)).rejects.toMatchObject({ code: "changed-migration" });
  });

  test("by nothing but its line ends is not changed", async () => {
    await write("0001_link.sql", "create table link\n();\n");
    await engine.migrate(links);
    await write("0001_link.sql", "create table link\r\n();\r\n");
    expect(await engine.migrate(links)).toEqual([]);
  });
});
