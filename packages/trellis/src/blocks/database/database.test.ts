import { sql } from "kysely";
import { describe, expect, expectTypeOf, test, vi } from "vitest";
import { TrellisError } from "../../model/errors.ts";
import { DatabaseError } from "./connections/database-error.ts";
import type { Database } from "./database.ts";
import { type LinkTables, linksDatabase } from "./links-database.contract.ts";

// Real servers: they have the machine's time, not a virtual clock's.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const { server, engine, db, openBlock, add, codes } = await linksDatabase("block");

describe("a service's tables", () => {
  test("lie in a schema of the service's name, and its statements find them there", async () => {
    await add("a");
    expect(await server.query("select code from my_links.link")).toEqual([{ code: "a" }]);
  });

  test("big integers are bigint, moments are Date, days stay text", async () => {
    await db
      .insertInto("link")
      .values({ code: "a", target: "t", clicks: 9_007_199_254_740_993n, day: "2026-02-03" })
      .execute();
    const row = await db.selectFrom("link").selectAll().executeTakeFirstOrThrow();
    expect(row).toEqual({
      code: "a",
      target: "t",
      clicks: 9_007_199_254_740_993n,
      at: new Date("2026-01-02T03:04:05Z"),
      day: "2026-02-03",
    });
    const lists = await sql<{ ids: bigint[] }>`select array[1, null, 3]::int8[] as ids`.execute(db);
    expect(lists.rows[0]?.ids).toEqual([1n, null, 3n]);
  });

  test("a change says how many rows it changed", async () => {
    await add("a");
    const updated = await db.updateTable("link").set({ target: "u" }).executeTakeFirst();
    expect(updated.numUpdatedRows).toBe(1n);
  });

  test("two services with the same name for a table do not meet", async () => {
    const other = await openBlock(engine, "other");
    await add("a", other);
    expect(await codes()).toEqual([]);
  });

  test("a schema of PostgreSQL's or Trellis's own is refused", async () => {
    await expect(openBlock(engine, "trellis")).rejects.toMatchObject({ code: "invalid-app" });
    await expect(openBlock(engine, "pg-links")).rejects.toMatchObject({ code: "invalid-app" });
  });
});

describe("errors", () => {
  test.each([
    ["unique-violation", "23505", "link_code", "insert into link (code, target) values ('a', 't'), ('a', 't')"],
    ["foreign-key-violation", "23503", "visit_code_fkey", "insert into visit (code) values ('none')"],
    ["check-violation", "23514", "link_code_check", "insert into link (code, target) values ('', 't')"],
  ])("%s has its constraint's name", async (code, sqlState, constraint, text) => {
    const error = await sql
      .raw(text)
      .execute(db)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TrellisError);
    expect(error).toBeInstanceOf(DatabaseError);
    expect(error).toMatchObject({ code, sqlState, constraint });
  });

  test("not-null-violation names the column, and no error tells values", async () => {
    const error = await sql`insert into link (code) values ('secret')`.execute(db).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "not-null-violation",
      column: "target",
      message: "link.target must have a value",
    });
    await add("secret");
    const twin = await add("secret").catch((thrown: unknown) => thrown);
    expect((twin as Error).message).not.toContain("secret");
  });

  test("a statement that takes too long is ended on the server", async () => {
    const hasty = await openBlock(server.engine({ statementTimeoutMs: 50 }));
    await expect(sql`select pg_sleep(10)`.execute(hasty)).rejects.toMatchObject({ code: "statement-timeout" });
    await expect(sql`select pg_sleep(10) for update`.execute(hasty)).rejects.toThrow();
    const left = () =>
      server.query("select 1 from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'");
    // The server says that it has ended a statement a moment before it says that it is idle.
    await expect.poll(left, { timeout: 5_000 }).toEqual([]);
  });

  test("what the program got wrong is an ordinary error with the statement in it", async () => {
    const error = await sql`select nothing from nowhere`.execute(db).catch((thrown: unknown) => thrown);
    expect(error).not.toBeInstanceOf(TrellisError);
    expect((error as Error).message).toContain("select nothing from nowhere");
  });

  test("values that cannot be written spoil nothing for those that come after", async () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const write = (target: unknown) =>
      db
        .updateTable("link")
        .set({ target: target as string })
        .execute();
    await write("first");
    await expect(write(circular)).rejects.toThrow("circular");
    await write("again");
  });
});

test("a table that changes under a prepared statement is read on", async () => {
  await add("a");
  const read = () => db.selectFrom("link").selectAll().execute();
  const readInside = () => db.transaction((tx) => db.in(tx).selectFrom("link").selectAll().execute());
  await Promise.all([read(), read(), readInside()]);
  await server.query("alter table my_links.link add column note text default 'new'");
  const results = [await read(), await read(), await readInside()];
  await server.query("alter table my_links.link drop column note");
  for (const rows of results) expect(rows).toMatchObject([{ code: "a", note: "new" }]);
});

test("more distinct statements than stay prepared all work, and the server forgets the old ones", async () => {
  const lone = await openBlock(server.engine({ poolMax: 1, pipelines: 1 }));
  for (let index = 0; index < 600; index += 1) await sql.raw(`select ${index} as n`).execute(lone);
  const again = await sql.raw<{ n: number }>("select 0 as n").execute(lone);
  expect(again.rows).toEqual([{ n: 0 }]);
  const kept = await sql<{ n: bigint }>`select count(*) as n from pg_prepared_statements`.execute(lone);
  expect(kept.rows[0]?.n).toBeLessThanOrEqual(256n);
});

test("a slow read keeps the reads of others waiting once, not again", async () => {
  const mine = await openBlock(server.engine({ pipelines: 1 }));
  const slow = () => sql`select pg_sleep(0.15)`.execute(mine);
  await slow();
  const order: string[] = [];
  await Promise.all([
    slow().then(() => order.push("slow")),
    mine
      .selectFrom("link")
      .select("code")
      .execute()
      .then(() => order.push("quick")),
  ]);
  expect(order).toEqual(["quick", "slow"]);
});

test("whatever connection is lost, the next statement has another", async () => {
  const lone = await openBlock(server.engine({ poolMax: 1, pipelines: 1 }), "lost");
  const cut = () =>
    server.query(
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'trellis lost' and pid <> pg_backend_pid()",
    );
  await add("a", lone);
  await cut();
  expect(await lone.selectFrom("link").select("code").execute()).toEqual([{ code: "a" }]);
  await cut();
  await add("b", lone);
  const inside = lone.transaction(async (tx) => {
    await add("c", lone.in(tx));
    await cut();
    await add("d", lone.in(tx));
  });
  await expect(inside).rejects.toMatchObject({ code: "database-unreachable" });
  expect(await lone.selectFrom("link").select("code").orderBy("code").execute()).toEqual([
    { code: "a" },
    { code: "b" },
  ]);
});

test("waiting for a connection is bounded, and says why", async () => {
  const lone = server.engine({ poolMax: 1, pipelines: 0, waitMs: 200 });
  const busy = await openBlock(lone);
  let end: () => void = () => undefined;
  const held = busy.transaction(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  await expect(add("a", busy)).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("All 1 "),
  });
  end();
  await held;
});

test("a server that is not there is database-unreachable, after a wait that is bounded", async () => {
  const gone = server.engine({ url: "postgres://x@localhost/x?host=/nowhere", waitMs: 200 });
  await expect(gone.healthy()).rejects.toMatchObject({ code: "database-unreachable" });
});

test("what goes around db.transaction is not there", async () => {
  expectTypeOf<Database<LinkTables>>().not.toHaveProperty("destroy");
  expectTypeOf<Database<LinkTables>>().not.toHaveProperty("startTransaction");
  expectTypeOf(db.in).returns.not.toHaveProperty("in");
  const around = db as unknown as { startTransaction(): { execute(): Promise<unknown> } };
  await expect(around.startTransaction().execute()).rejects.toThrow("db.transaction");
});
