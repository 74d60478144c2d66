import { expect, test } from "vitest";
import { answerHeader } from "./answer-headers.ts";

test("headers of a connection, and what instances tell the gateway, go no further; others do, whatever their length", () => {
  const dropped = ["te", "upgrade", "connection", "x-request-id", "transfer-encoding", "trellis-edge-event"];
  expect(dropped.map(answerHeader)).toEqual(dropped.map(() => "drop"));
  expect([answerHeader("content-length"), answerHeader("strict-transport-security")]).toEqual(["length", "hsts"]);
  // As long as one of those, or as none of them.
  const passed = ["content-type", "cdn-cache-control", "etag", "", "x".repeat(18), "x".repeat(5_000)];
  expect(passed.map(answerHeader)).toEqual(passed.map(() => "pass"));
});
