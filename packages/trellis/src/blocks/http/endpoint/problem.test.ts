import { expect, it } from "vitest";
import { type ErrorCode, TrellisError } from "../../../model/errors.ts";
import { problemAnswer, toldError } from "./problem.ts";

it("tells nobody where the database is, or who signs in to it", () => {
  const error = new TrellisError("database-unreachable", { says: 'password authentication failed for user "links"' });
  const told = toldError(error, "development");
  expect(told).toMatchObject({ code: "database-unreachable", status: 503, cause: error });
  expect(problemAnswer(told, "").body).not.toMatch(/links|DATABASE_URL/);
});

it.each<[ErrorCode, object]>([
  ["unauthenticated", { "www-authenticate": "Bearer" }],
  ["key-in-progress", { "retry-after": "2" }],
])("says in the headers of %s what a client can do about it", (code, headers) => {
  expect(problemAnswer(new TrellisError(code, { retryAfterMs: 1_001 }), "").headers).toMatchObject(headers);
});
