import { expect, test } from "vitest";
import { migrationProblems } from "./migration-problems.ts";

test.each([
  ["create table note (id bigint primary key, text text not null)", "a new table"],
  ["alter table note add column tag text", "a column that may be null"],
  ["alter table note add column tag text not null default 'none'", "one that has a default"],
  ["alter table note add column at timestamptz not null generated always as (now()) stored", "one that fills itself"],
  ["alter table note add column n bigint generated always as identity", "one that counts"],
  ["create index note_tag on note (tag)", "an index"],
  ["drop index note_tag", "an index less"],
  ["alter table note alter column text drop not null", "a rule less"],
  ["alter table note alter column text set default ''", "a new default"],
  ["insert into note (text) values ('; drop table note')", "rows"],
  [
    "create table a (x int); alter table a alter column x set not null; create unique index on a (x)",
    "what is made here",
  ],
  ["create or replace function f() returns int language sql as 'select 1'", "a function"],
  ["-- contract: since release 7 nobody reads it\nalter table note drop column text", "what nobody uses any more"],
  ["alter table note add colum", "what does not parse: running it says why"],
])("%s passes: %s", async (text) => {
  expect(await migrationProblems(text)).toEqual([]);
});

test.each([
  ["drop table note", "drops a table"],
  ["drop view if exists v cascade", "drops a view"],
  ["alter table note drop column text", "drops the column text"],
  ["alter table note rename to notes", "renames a table"],
  ["alter table note rename column text to body", "renames a column"],
  ["alter table note alter column text type varchar(10)", "changes the type of text"],
  ["alter table note alter column text set not null", "forbids text to be null"],
  ["alter table note alter column text drop default", "drops the default of text"],
  ["alter table note add column tag text not null", "does not fill the new column tag"],
  ["alter table note add constraint short check (length(text) < 10) not valid", "adds a rule"],
  ["create unique index on note (text)", "forbids doubles"],
  ["truncate note", "empties a table"],
  ["alter table note set schema old", "moves something"],
  ["alter table note enable row level security", "AT_EnableRowSecurity"],
  ["do $$ begin execute 'drop table note'; end $$", "cannot be seen"],
  ["/* contract: no comment of that kind */ drop table note", "drops a table"],
  ["-- contract:\ndrop table note", "drops a table"],
])("%s is told: it %s", async (text, says) => {
  expect(await migrationProblems(text)).toEqual([{ line: expect.any(Number), says: expect.stringContaining(says) }]);
});

test("every statement is told with its line, also behind comments and letters of several bytes", async () => {
  const text = "-- für später\ncreate table a ();\n\n-- why\n/* and\n how */ drop table b;\ndrop table ü;\n";
  expect((await migrationProblems(text)).map(({ line }) => line)).toEqual([6, 7]);
});

test("a mark holds for the statement that follows it only", async () => {
  const text = "-- contract: gone since release 3\ndrop table a;\ndrop table b;";
  expect(await migrationProblems(text)).toEqual([{ line: 3, says: expect.stringContaining("drops a table") }]);
});
