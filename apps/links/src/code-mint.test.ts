import type { Queries } from "trellis";
import { describe, expect, test } from "vitest";
import { CodeMint, leaseIds } from "./code-mint.ts";
import { Codes } from "./codes.ts";
import { isReserved } from "./reserved.ts";
import type { Tables } from "./tables.ts";

const key = new Uint8Array(32).fill(1);

/** The two statements that a mint runs, as a database shared by all mints would answer them. */
class Database {
  next = 1n;
  leases = 0;
  keyReads = 0;
  broken = false;

  readonly queries = {
    selectFrom: () => this.#statement(() => ({ key: this.#readKey() })),
    updateTable: () => this.#statement(() => ({ next: this.#lease() })),
  } as unknown as Queries<Tables>;

  #statement(run: () => object) {
    const statement = {
      select: () => statement,
      set: () => statement,
      returning: () => statement,
      executeTakeFirstOrThrow: async () => {
        if (this.broken) throw new Error("the database is away");
        return run();
      },
    };
    return statement;
  }

  #readKey(): Uint8Array {
    this.keyReads++;
    return key;
  }

  #lease(): bigint {
    this.leases++;
    this.next += BigInt(leaseIds);
    return this.next;
  }
}

const takeMany = (mint: CodeMint, database: Database, count: number) =>
  Promise.all(Array.from({ length: count }, () => mint.take(database.queries)));

describe("a mint", () => {
  test("gives each id once and in order, with its code", async () => {
    const database = new Database();
    const minted = await takeMany(new CodeMint(), database, 10);
    expect(minted.map(({ id }) => id)).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n]);
    const codes = new Codes(key);
    for (const { id, code } of minted) expect(code).toBe(codes.codeOf(Number(id)));
  });

  test("asks the database once a lease, however many ask at once", async () => {
    const database = new Database();
    const minted = await takeMany(new CodeMint(), database, 2 * leaseIds + 1);
    expect(new Set(minted.map(({ id }) => id)).size).toBe(2 * leaseIds + 1);
    expect(database.leases).toBe(3);
    expect(database.keyReads).toBe(1);
  });

  test("shares the ids with the mints of other instances", async () => {
    const database = new Database();
    const [one, other] = [new CodeMint(), new CodeMint()];
    const minted = (await Promise.all([takeMany(one, database, 1_500), takeMany(other, database, 1_500)])).flat();
    expect(new Set(minted.map(({ code }) => code)).size).toBe(3_000);
  });

  test("fetches the next lease before the present one is used up", async () => {
    const database = new Database();
    const mint = new CodeMint();
    await takeMany(mint, database, leaseIds - 200);
    expect(database.leases).toBe(1);
    await takeMany(mint, database, 1);
    expect(database.leases).toBe(2);
    database.broken = true;
    expect(await takeMany(mint, database, 199 + 700)).toHaveLength(899);
  });

  test("says when the database cannot be asked, and goes on once it can", async () => {
    const database = new Database();
    const mint = new CodeMint();
    database.broken = true;
    await expect(mint.take(database.queries)).rejects.toThrow("the database is away");
    database.broken = false;
    await takeMany(mint, database, leaseIds - 200);
    database.broken = true;
    await takeMany(mint, database, 200);
    await expect(mint.take(database.queries)).rejects.toThrow("the database is away");
    database.broken = false;
    expect((await mint.take(database.queries)).id).toBe(BigInt(leaseIds + 1));
  });

  test("passes over an id whose code is a reserved word", async () => {
    const words = ["metrics", "billing", "console", "pricing", "favicon", "privacy", "support"].filter(isReserved);
    expect(words.length).toBeGreaterThan(0);
    const codes = new Codes(key);
    for (const word of words) {
      const database = new Database();
      const id = codes.idOf(word) ?? 0;
      database.next = BigInt(id);
      expect((await new CodeMint().take(database.queries)).id).toBe(BigInt(id + 1));
    }
  });
});
