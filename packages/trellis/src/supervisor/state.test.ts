import { expect, test } from "vitest";
import { noState, readState } from "./state.ts";

test("what was written is read again, and what is missing in it is as at first", () => {
  const pause = { service: "links", holdMs: 1_000 };
  expect(readState(JSON.stringify({ ...noState, paused: [pause] }))).toEqual({ ...noState, paused: [pause] });
  expect(readState(JSON.stringify({ format: 1, serial: 4 }))).toEqual({ ...noState, serial: 4 });
});

test.each(["", "{", "null", "[]", '{"format":2}', '"text"'])("%j is no state of this version", (text) => {
  expect(readState(text)).toBeUndefined();
});
