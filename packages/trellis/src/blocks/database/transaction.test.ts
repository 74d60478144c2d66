import { sql } from "kysely";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { failure } from "../../model/failure.ts";
import { scopeOf, type Transaction } from "../../model/transaction.ts";
import { linksDatabase } from "./links-database.contract.ts";

const Taken = failure("taken", {
  status: 409,
  title: "Taken",
  cure: "Choose another.",
  detail: z.object({ code: z.string() }),
});

// Real servers: they have the machine's time, not a virtual clock's.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const { server, engine, db, openBlock, add, codes } = await linksDatabase("transaction");

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

  test("whose connection is lost during its commit says that nobody knows, and is not run again", async () => {
    let runs = 0;
    await server.query(`create function public.die() returns trigger language plpgsql as
      $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`);
    await server.query(`create constraint trigger die after insert on my_links.link
      deferrable initially deferred for each row execute function public.die()`);
    const tried = db.transaction(async (tx) => {
      runs += 1;
      await add("a", db.in(tx));
    });
    await expect(tried).rejects.toMatchObject({ code: "outcome-unknown" });
    await server.query("drop function public.die cascade");
    expect(runs).toBe(1);
  });

  test("that does nothing for too long is ended by the server, and nothing of it is kept", async () => {
    const tried = db.transaction(async (tx) => {
      const rows = db.in(tx);
      await add("a", rows);
      const { rows: found } = await sql<{ limit: string; pid: number }>`select pg_backend_pid() as pid,
        current_setting('idle_in_transaction_session_timeout') as limit`.execute(rows);
      expect(found).toMatchObject([{ limit: "1min" }]);
      await sql`set idle_in_transaction_session_timeout = '20ms'`.execute(rows);
      const lives = () => server.query("select from pg_stat_activity where pid = $1", [found[0]?.pid]);
      await expect.poll(lives, { timeout: 10_000 }).toEqual([]);
    });
    await expect(tried).rejects.toMatchObject({ code: "database-unreachable" });
    expect(await codes()).toEqual([]);
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
