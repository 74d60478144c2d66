import { beforeAll, beforeEach, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../../database/test-database.contract.ts";
import { clientMigrations, SaltTable } from "./salt-table.ts";

let database: TestDatabase;
let tables: SaltTable[];

beforeAll(async () => {
  database = await testDatabase("salts");
  const engines = Array.from({ length: 8 }, () => database.engine());
  await engines[0]?.migrate(clientMigrations);
  tables = engines.map(({ platform }) => new SaltTable(platform));
}, 60_000);
beforeEach(() => database.query("truncate trellis.visitor_salt"));

const kept = () => database.query<{ day: number }>("select day from trellis.visitor_salt order by day");

test("instances that ask at the same moment all have the same salt", async () => {
  for (let day = 0; day < 20; day++) {
    const salts = await Promise.all(tables.map((table) => table.saltOf(day)));
    const texts = salts.map((salt) => Buffer.from(salt).toString("hex"));
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toMatch(/^[0-9a-f]{64}$/);
  }
});

test("each day has another one, and it is gone as soon as anybody asks for the day after the next", async () => {
  const [table = new SaltTable(database.engine().platform)] = tables;
  const first = await table.saltOf(7);
  expect(await table.saltOf(8)).not.toEqual(first);
  expect(await table.saltOf(7)).toEqual(first);
  expect(await kept()).toEqual([{ day: 7 }, { day: 8 }]);
  await table.saltOf(9);
  expect(await kept()).toEqual([{ day: 8 }, { day: 9 }]);
});
