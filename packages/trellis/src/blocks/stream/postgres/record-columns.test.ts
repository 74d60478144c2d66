import { beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../../database/test-database.contract.ts";
import { partitionOf } from "../partition-of.ts";
import type { Recorded } from "../port.ts";
import { columnArrays, recordColumns } from "./record-columns.ts";

const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const batches: Readonly<Record<string, readonly Recorded[]>> = {
  "one with an empty key": [{ key: "", body: "0" }],
  "several, some with a trace": [
    { key: "a", body: '{"n":"1,2"}' },
    { key: "b", body: '{"n":"é😀\\u001f{}\\\\"}', trace },
    { key: "NULL", body: "null" },
  ],
  "keys with what separates others": [
    { key: "\u001f", body: "1" },
    { key: "x\u001e1", body: "2" },
    { key: "\u001e1\u001f\u001e2", body: "3", trace },
    { key: "\u001f\u001f", body: "4" },
  ],
};

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase("record_columns");
}, 60_000);

test("the database makes of the columns what the records were", async () => {
  for (const [what, records] of Object.entries(batches)) {
    const rows = await database.query(
      `select * from unnest(${columnArrays(1)}) as record (partition, place, key, body, trace)`,
      [...recordColumns(records, 4)],
    );
    expect(rows, what).toEqual(
      records.map(({ key, body, trace = null }, index) => {
        const partition = partitionOf(key, 4);
        const place = records.slice(0, index).filter((before) => partitionOf(before.key, 4) === partition).length;
        return { partition, place, key, body, trace };
      }),
    );
  }
});
