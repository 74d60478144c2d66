import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Generated, sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import { z } from "zod";
import { TrellisError } from "../../model/errors.ts";
import { failure } from "../../model/failure.ts";
import { scopeOf, type Transaction } from "../../model/transaction.ts";
import { testOpening } from "../../testing/test-opening.ts";
import { type Database, database } from "./database.ts";
import { DatabaseError } from "./database-error.ts";
import type { DatabaseEngine } from "./port.ts";
import { type TestDatabase, testDatabase } from "./test-database.contract.ts";

interface Tables {
  link: { code: string; target: string; clicks: Generated<bigint>; at: Generated<Date>; day: string | null };
  visit: { id: Generated<bigint>; code: string };
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

const Taken = failure("taken", {
  status: 409,
  title: "Taken",
  cure: "Choose another.",
  detail: z.object({ code: z.string() }),
});

// Real servers: they have the machine's time, not a virtual clock's.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: string;
let server: TestDatabase;
let engine: DatabaseEngine;
let db: Database<Tables>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trellis-migrations-"));
  await writeFile(join(folder, "0001_links.sql"), migration);
  server = await testDatabase("block");
  engine = server.engine();
  db = await openBlock(engine);
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  await server.query("truncate my_links.link cascade");
});

async function openBlock(on: DatabaseEngine, service = "my-links"): Promise<Database<Tables>> {
  const opened = await database<Tables>({ migrations: folder }).open(
    testOpening({ service, engines: { database: on } }),
  );
  return opened.handle;
}

const add = (code: string, on: Pick<Database<Tables>, "insertInto"> = db) =>
  on.insertInto("link").values({ code, target: "https://a.example" }).execute();
const codes = async () =>
  (await db.selectFrom("link").select("code").orderBy("code").execute()).map(({ code }) => code);

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

describe("a transaction", () => {
  test("keeps everything when its function returns", async () => {
    const result = await db.transaction(async (tx) => {
      await add("a", db.in(tx));
      await add("b", db.in(tx));
      return "done";
    });
    expect(result).toBe("done");
    expect(await codes()).toEqual(["a", "b"]);
  });

  test("keeps nothing when its function throws, and the error comes out unchanged", async () => {
    const error = new RangeError("mine");
    const tried = db.transaction(async (tx) => {
      await add("a", db.in(tx));
      throw error;
    });
    await expect(tried).rejects.toBe(error);
    expect(await codes()).toEqual([]);
  });

  test("keeps nothing when its function returns a failure, which is what the caller gets", async () => {
    const result = await db.transaction(async (tx) => {
      await add("a", db.in(tx));
      return Taken({ code: "a" });
    });
    expect(result).toMatchObject({ code: "taken", detail: { code: "a" } });
    expect(await codes()).toEqual([]);
  });

  test("is seen by nobody before its commit", async () => {
    await db.transaction(async (tx) => {
      await add("a", db.in(tx));
      expect(await codes()).toEqual([]);
    });
    expect(await codes()).toEqual(["a"]);
  });

  test("an error that is caught inside does not let half of it be kept unnoticed", async () => {
    const tried = db.transaction(async (tx) => {
      await add("a", db.in(tx));
      await add("a", db.in(tx)).catch(() => undefined);
    });
    await expect(tried).rejects.toThrow("let it through");
    expect(await codes()).toEqual([]);
  });

  test("statements sent at once run in it one after the other", async () => {
    await db.transaction(async (tx) => {
      await Promise.all(Array.from({ length: 20 }, (_, index) => add(`c${index}`, db.in(tx))));
    });
    expect(await codes()).toHaveLength(20);
  });

  test("steps for after the commit run after it, and never after a rollback", async () => {
    const steps: string[] = [];
    const tell = (tx: Transaction, step: string) => scopeOf(tx).afterCommit(() => steps.push(step));
    await db.transaction(async (tx) => {
      tell(tx, "committed");
      expect(steps).toEqual([]);
    });
    await db.transaction(async (tx) => {
      tell(tx, "failed");
      return Taken({ code: "a" });
    });
    const thrown = db.transaction(async (tx) => {
      tell(tx, "thrown");
      throw new Error("no");
    });
    await expect(thrown).rejects.toThrow("no");
    expect(steps).toEqual(["committed"]);
  });

  test("a step that throws after the commit changes nothing of the outcome", async () => {
    const result = await db.transaction(async (tx) => {
      scopeOf(tx).afterCommit(() => {
        throw new Error("too late");
      });
      await add("a", db.in(tx));
      return 1;
    });
    expect(result).toBe(1);
    expect(await codes()).toEqual(["a"]);
  });

  test("is of one service only", async () => {
    const other = await openBlock(engine, "other");
    await db.transaction(async (tx) => {
      expect(() => other.in(tx)).toThrow(expect.objectContaining({ code: "outside-transaction" }));
    });
  });

  test("takes no statement after it has ended", async () => {
    let kept: Transaction | undefined;
    await db.transaction(async (tx) => {
      kept = tx;
    });
    if (!kept) throw new Error("It did not run.");
    await expect(add("a", db.in(kept))).rejects.toMatchObject({ code: "outside-transaction" });
    expect(await codes()).toEqual([]);
  });

  test("is run again when another changed the same row first, until it succeeds", async () => {
    await add("a");
    let attempts = 0;
    const increment = () =>
      db.transaction(
        async (tx) => {
          attempts += 1;
          const { clicks } = await db.in(tx).selectFrom("link").select("clicks").executeTakeFirstOrThrow();
          await db
            .in(tx)
            .updateTable("link")
            .set({ clicks: clicks + 1n })
            .execute();
        },
        { isolation: "serializable", retries: 50 },
      );
    await Promise.all(Array.from({ length: 6 }, increment));
    const { clicks } = await db.selectFrom("link").select("clicks").executeTakeFirstOrThrow();
    expect(clicks).toBe(6n);
    expect(attempts).toBeGreaterThan(6);
  });

  test("two that lock the same rows in opposite order both end", async () => {
    await add("a");
    await add("b");
    const touch = (tx: Transaction, code: string) =>
      db
        .in(tx)
        .updateTable("link")
        .set((e) => ({ clicks: e("clicks", "+", 1n) }))
        .where("code", "=", code)
        .execute();
    let first: () => void = () => undefined;
    const firstHolds = new Promise<void>((resolve) => {
      first = resolve;
    });
    let attempts = 0;
    await Promise.all([
      db.transaction(async (tx) => {
        await touch(tx, "a");
        first();
        await touch(tx, "b");
        attempts += 1;
      }),
      db.transaction(async (tx) => {
        await touch(tx, "b");
        await firstHolds;
        await touch(tx, "a");
        attempts += 1;
      }),
    ]);
    const rows = await db.selectFrom("link").select("clicks").execute();
    expect(rows.map(({ clicks }) => clicks)).toEqual([2n, 2n]);
    expect(attempts).toBe(2);
  });

  test("gives up after the retries that were allowed", async () => {
    await add("a");
    let attempts = 0;
    const tried = db.transaction(
      async (tx) => {
        attempts += 1;
        await db.in(tx).selectFrom("link").selectAll().execute();
        await server.query("update my_links.link set clicks = clicks + 1");
        await db.in(tx).updateTable("link").set({ target: "u" }).execute();
      },
      { isolation: "repeatable read", retries: 2 },
    );
    await expect(tried).rejects.toMatchObject({ code: "serialization-failure" });
    expect(attempts).toBe(3);
  });
});

describe("a forgotten in(tx)", () => {
  test("a change outside of the open transaction throws, a read does not", async () => {
    await db.transaction(async (tx) => {
      await expect(add("a")).rejects.toMatchObject({ code: "outside-transaction" });
      expect(await codes()).toEqual([]);
      await add("b", db.in(tx));
    });
    expect(await codes()).toEqual(["b"]);
  });

  test("another transaction inside throws", async () => {
    const nested = db.transaction(() => db.transaction(async () => 1));
    await expect(nested).rejects.toMatchObject({ code: "outside-transaction" });
  });

  test("other blocks can ask, for one service or for any", async () => {
    expect(engine.openTransactionHere()).toBe(false);
    await db.transaction(async () => {
      const asked = [
        engine.openTransactionHere(),
        engine.openTransactionHere("my-links"),
        engine.openTransactionHere("other"),
      ];
      expect(asked).toEqual([true, true, false]);
    });
    expect(engine.openTransactionHere()).toBe(false);
  });

  test("what goes on after the transaction is not inside it any more", async () => {
    let later: Promise<unknown> = Promise.resolve();
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    await db.transaction(async () => {
      later = ended.then(() => add("a"));
    });
    end();
    await later;
    expect(await codes()).toEqual(["a"]);
  });

  test("nobody asks in production", async () => {
    const fast = await openBlock(server.engine({ mode: "production" }));
    await fast.transaction(async () => add("a", fast));
    expect(await codes()).toEqual(["a"]);
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
    const left = await server.query(
      "select 1 from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'",
    );
    expect(left).toEqual([]);
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
  expectTypeOf<Database<Tables>>().not.toHaveProperty("destroy");
  expectTypeOf<Database<Tables>>().not.toHaveProperty("startTransaction");
  expectTypeOf(db.in).returns.not.toHaveProperty("in");
  const around = db as unknown as { startTransaction(): { execute(): Promise<unknown> } };
  await expect(around.startTransaction().execute()).rejects.toThrow("db.transaction");
});
