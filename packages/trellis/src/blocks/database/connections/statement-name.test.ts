import { expect, it } from "vitest";
import { statementName } from "./statement-name.ts";

it.each([
  ['select "code" from "link" where "code" = $1', "select link"],
  ['insert into "link" ("code") values ($1) returning *', "insert link"],
  ['update "link" set "target" = $1 where "code" in (select "code" from "old")', "update link"],
  ["delete from trellis.once where expires < $1", "delete trellis.once"],
  [
    "with due as (select id from trellis.job for update skip locked) update trellis.job j set x = 1 from due",
    "update trellis.job",
  ],
  [
    "with gone as (delete from a returning *), new as (insert into b select * from gone) select * from new",
    "select new",
  ],
  ["select count(*) from (select 1 from link limit 10) as some", "select link"],
  ["select 1", "select"],
  ["begin isolation level read committed", "begin"],
  ["commit", "commit"],
  ["/* claim jobs */ with x as (select 1) select * from x", "claim jobs"],
  ["-- of day 5\nselect 'from secret' from link", "select link"],
  ["/* a%b */ select * from link", "select link"],
  ["", "other"],
])("%s → %s", (text, name) => {
  expect(statementName(text)).toBe(name);
});

it("reads a text without end only as far as is worth it", () => {
  const deep = `select ${"(".repeat(100_000)}1${")".repeat(100_000)} from link`;
  expect(statementName(deep)).toBe("select");
});
