import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Generated } from "kysely";
import { afterAll, beforeEach } from "vitest";
import { testOpening } from "../../testing/test-opening.ts";
import { type Database, database } from "./database.ts";
import type { DatabaseEngine } from "./port.ts";
import { type TestDatabase, testDatabase } from "./test-database.contract.ts";

export interface LinkTables {
  link: { code: string; target: string; clicks: Generated<bigint>; at: Generated<Date>; day: string | null };
  visit: { id: Generated<bigint>; code: string };
}

/** For tests: the block as a service has it, on a database of its own, with two tables that are empty at each test. */
export interface LinksDatabase {
  readonly server: TestDatabase;
  readonly engine: DatabaseEngine;
  readonly db: Database<LinkTables>;
  /** The same block, opened once more: on another engine, or by another service. */
  openBlock(engine: DatabaseEngine, service?: string): Promise<Database<LinkTables>>;
  add(code: string, on?: Pick<Database<LinkTables>, "insertInto">): Promise<unknown>;
  codes(): Promise<readonly string[]>;
}

const migration = `
  create table link (
    code text constraint link_code primary key check (code <> ''),
    target text not null,
    clicks int8 not null default 0,
    at timestamptz not null default '2026-01-02T03:04:05Z',
    day date
  );
  create table visit (id int8 generated always as identity, code text not null references link);
`;

export async function linksDatabase(name: string): Promise<LinksDatabase> {
  const folder = await mkdtemp(join(tmpdir(), "trellis-migrations-"));
  await writeFile(join(folder, "0001_links.sql"), migration);
  const openBlock: LinksDatabase["openBlock"] = async (on, service = "my-links") => {
    const opening = testOpening({ service, engines: { database: on } });
    return (await database<LinkTables>({ migrations: folder }).open(opening)).handle;
  };
  const server = await testDatabase(name);
  const engine = server.engine();
  const db = await openBlock(engine);
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    await server.query("truncate my_links.link cascade");
  });
  return {
    server,
    engine,
    db,
    openBlock,
    add: (code, on = db) => on.insertInto("link").values({ code, target: "https://a.example" }).execute(),
    codes: async () => (await db.selectFrom("link").select("code").orderBy("code").execute()).map(({ code }) => code),
  };
}
