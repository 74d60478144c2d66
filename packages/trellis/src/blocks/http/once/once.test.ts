import { readFile } from "node:fs/promises";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TrellisError } from "../../../model/errors.ts";
import type { Sql } from "../../../model/sql.ts";
import { openTransaction, type Transaction } from "../../../model/transaction.ts";
import { type FreshDatabase, freshDatabase } from "../../../testing/fresh-database.ts";
import { silentLog } from "../../../testing/silent-log.ts";
import { type TestClock, testClock } from "../../../testing/test-clock.ts";
import type { Idempotency, OnceAsk, WireAnswer } from "../port.ts";
import { onceMigrations, openOnce } from "./once.ts";

let database: FreshDatabase;
let pool: pg.Pool;
let clock: TestClock;
/** Two instances of one app. */
let once: Idempotency;
let other: Idempotency;

const ask: OnceAsk = { service: "links", route: "shorten", key: "k1", actorId: "ada", requestHash: "h1" };
const answer: WireAnswer = { status: 201, headers: { location: "/v1/links/a" }, body: '{"code":"a"}' };
const replayed = { ...answer, headers: { ...answer.headers, "idempotent-replayed": "true" } };
const claimMs = 30_000;
const dayMs = 86_400_000;

beforeAll(async () => {
  database = await freshDatabase(process.env.TEST_DATABASE_URL);
  pool = new pg.Pool({ connectionString: database.url, max: 8 });
  // The database is dropped while its connections are still ending.
  pool.on("error", () => undefined);
  await pool.query("create schema trellis");
  await pool.query(await readFile(new URL("0001_once.sql", onceMigrations.folder), "utf8"));
  await pool.query("create table public.work (id int generated always as identity, said text)");
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

beforeEach(async () => {
  await pool.query("truncate trellis.once, public.work");
  clock = testClock();
  const options = { sql: sqlOn(pool), clock, log: silentLog, claimMs };
  once = openOnce(options);
  other = openOnce(options);
});

const sqlOn = (connection: Pick<pg.ClientBase, "query">): Sql => ({
  query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
    (await connection.query(text, [...values])).rows as Row[],
});

async function transaction(run: (tx: Transaction) => Promise<void>): Promise<void> {
  const connection = await pool.connect();
  try {
    await connection.query("begin");
    await run(openTransaction({ ...sqlOn(connection), defer: async () => undefined, afterCommit: () => undefined }));
    await connection.query("commit");
  } catch (error) {
    await connection.query("rollback");
    throw error;
  } finally {
    connection.release();
  }
}

/** Work that counts its runs in the database, outside of any transaction. */
const work =
  (gives: WireAnswer = answer) =>
  async () => {
    await pool.query("insert into public.work (said) values ('ran')");
    return gives;
  };
const runs = async () =>
  (await pool.query<{ runs: number }>("select count(*)::int as runs from public.work")).rows[0]?.runs;
const code = (error: TrellisError) => error.code;
const never = () => new Promise<WireAnswer>(() => undefined);

describe("a request with an idempotency key", () => {
  it("runs once and gives its first answer ever after, on any instance", async () => {
    expect(await once.run(ask, work())).toEqual(answer);
    expect(await other.run(ask, work())).toEqual(replayed);
    expect(await once.run(ask, work())).toEqual(replayed);
    expect(await runs()).toBe(1);
  });

  it("is another one for another actor, key, route or service", async () => {
    for (const change of [{}, { actorId: "bob" }, { key: "k2" }, { route: "drop" }, { service: "files" }])
      expect(await once.run({ ...ask, ...change }, work())).toEqual(answer);
    expect(await runs()).toBe(5);
  });

  it("is refused when the key came with another request", async () => {
    await once.run(ask, work());
    expect(await other.run({ ...ask, requestHash: "h2" }, work()).catch(code)).toBe("key-reused");
    expect(await runs()).toBe(1);
  });

  it("is told to wait while the first one runs", async () => {
    const { promise, resolve } = Promise.withResolvers<WireAnswer>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const first = once.run(ask, () => {
      begin();
      return promise;
    });
    await begun;
    const error = await other.run(ask, work()).catch((error: TrellisError) => error);
    expect(error).toMatchObject({ code: "key-in-progress", retryAfterMs: 1_000 });
    expect(await other.run({ ...ask, requestHash: "h2" }, work()).catch(code)).toBe("key-reused");
    resolve(answer);
    expect(await first).toEqual(answer);
    expect(await runs()).toBe(0);
  });

  it("runs once when fifty come at the same moment", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 ? once : other).run(ask, work()).catch(code)),
    );
    expect(
      outcomes.filter((outcome) => typeof outcome !== "string" && !outcome.headers["idempotent-replayed"]),
    ).toEqual([answer]);
    expect(await runs()).toBe(1);
    expect(await once.run(ask, work())).toEqual(replayed);
  });

  it("may run again after it failed: what broke is not what it answers for ever", async () => {
    const broken = new Error("broken");
    await expect(once.run(ask, () => Promise.reject(broken))).rejects.toBe(broken);
    expect(await once.run(ask, work({ status: 503, headers: {}, body: "" }))).toMatchObject({ status: 503 });
    expect(await once.run(ask, work())).toEqual(answer);
  });

  it("gives a refusal again that was an answer", async () => {
    const taken = { status: 409, headers: {}, body: '{"code":"alias-taken"}' };
    await once.run(ask, work(taken));
    expect(await other.run(ask, work())).toMatchObject(taken);
  });
});

describe("after a crash", () => {
  it("runs again once the request's time is over, for the same request only", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    void once.run(ask, () => {
      begin();
      return never();
    });
    await begun;
    await clock.advance(claimMs - 1);
    expect(await other.run(ask, work()).catch(code)).toBe("key-in-progress");
    await clock.advance(1);
    expect(await other.run({ ...ask, requestHash: "h2" }, work()).catch(code)).toBe("key-reused");
    expect(await other.run(ask, work())).toEqual(answer);
  });

  it("gives the answer that was committed with the work, though its runner never came to its end", async () => {
    const { promise: committed, resolve: commit } = Promise.withResolvers<void>();
    void once.run(ask, async (keep) => {
      await transaction((tx) => keep(tx, answer));
      commit();
      return never();
    });
    await committed;
    expect(await other.run(ask, work())).toEqual(replayed);
    expect(await runs()).toBe(0);
  });

  it("keeps nothing of a runner whose key was taken over", async () => {
    const { promise: goOn, resolve } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const slow = once.run(ask, async (keep) => {
      begin();
      await goOn;
      await transaction((tx) => keep(tx, { ...answer, body: '"slow"' }));
      return answer;
    });
    await begun;
    await clock.advance(claimMs);
    expect(await other.run(ask, work())).toEqual(answer);
    resolve();
    expect(await slow.catch(code)).toBe("deadline-exceeded");
    expect(await once.run(ask, work())).toEqual(replayed);
  });
});

describe("an answer kept in a transaction", () => {
  it("is there with the commit and given again", async () => {
    expect(
      await once.run(ask, async (keep) => {
        await transaction((tx) => keep(tx, answer));
        return answer;
      }),
    ).toEqual(answer);
    expect(await other.run(ask, work())).toEqual(replayed);
  });

  it("goes with a rollback, and then the request may run again", async () => {
    const rolledBack = once.run(ask, async (keep) => {
      await transaction(async (tx) => {
        await keep(tx, answer);
        throw new Error("rolled back");
      });
      return answer;
    });
    await expect(rolledBack).rejects.toThrow("rolled back");
    expect(await once.run(ask, work())).toEqual(answer);
    expect(await runs()).toBe(1);
  });
});

describe("old keys", () => {
  it("are forgotten after a day, and may then be used for another request", async () => {
    await once.run(ask, work());
    await clock.advance(dayMs - 1);
    expect(await once.run(ask, work())).toEqual(replayed);
    await clock.advance(1);
    expect(await once.run({ ...ask, requestHash: "h2" }, work())).toEqual(answer);
    expect(await runs()).toBe(2);
  });

  it("go by themselves, two with each new one", async () => {
    for (let number = 1; number <= 5; number += 1) await once.run({ ...ask, key: `old${number}` }, work());
    await clock.advance(dayMs);
    const left = [];
    for (let number = 1; number <= 3; number += 1) {
      await once.run({ ...ask, key: `new${number}` }, work());
      left.push((await pool.query("select key from trellis.once where key like 'old%'")).rowCount);
    }
    expect(left).toEqual([3, 1, 0]);
  });
});
