import { expect, test } from "vitest";
import { statementKind } from "./statement-kind.ts";

test.each([
  ["reads", 'select "code" from "link" where "code" = $1'],
  ["reads", 'with "a" as (select 1) select * from "a"'],
  ["reads", `select "update", 'delete' from "insert" -- for update`],
  ["reads", '(select "a" from "t") union all (select "b" from "u")'],
  ["locks", 'select * from "role" where "id" = $1 for update'],
  ["locks", 'select * from "job" for no key update skip locked'],
  ["changes", 'with "gone" as (delete from "t" returning *) select * from "gone"'],
  ["changes", 'insert into "link" ("code") values ($1)'],
  ["changes", "select * into copy from link"],
  ["changes", "explain analyze select drop_everything()"],
  ["changes", "truncate link"],
  ["changes", "select nextval('link_id_seq')"],
  ["changes", "select pg_try_advisory_lock(1), set_config('a.b', 'c', false)"],
  ["reads", 'select count(*), lower("nextval") from "link"'],
])("%s: %s", (kind, text) => expect(statementKind(text)).toBe(kind));
