import { expect, test } from "vitest";
import { childTrace, formatTrace, hexDigits, parseTrace } from "./trace.ts";

const header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

test("a trace survives being parsed and written again", () => {
  const trace = parseTrace(header);
  expect(trace).toEqual({
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    sampled: true,
  });
  expect(trace && formatTrace(trace)).toBe(header);
});

test.each([
  undefined,
  "",
  "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
  "00-00000000000000000000000000000000-b7ad6b7169203331-01",
  "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
  "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
])("%s is no trace, so that a new one begins", (text) => {
  expect(parseTrace(text)).toBeUndefined();
});

test("a header of a later version is understood as far as version 00 goes", () => {
  expect(parseTrace(header.replace("00-", "01-").concat("-more"))?.sampled).toBe(true);
});

test("a child keeps the trace and has a span of its own", () => {
  const parent = parseTrace(header);
  const child = childTrace(parent, () => 0.5);
  expect(child.traceId).toBe(parent?.traceId);
  expect(child.spanId).not.toBe(parent?.spanId);
  expect(child.sampled).toBe(true);
});

test("ids are never all zero, whatever chance says", () => {
  expect(hexDigits(16, () => 0)).toMatch(/[1-9a-f]/);
  expect(parseTrace(formatTrace(childTrace(undefined, () => 0)))).toBeDefined();
});
