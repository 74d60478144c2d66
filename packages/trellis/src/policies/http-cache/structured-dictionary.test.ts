import { expect, test } from "vitest";
import { parseDictionary } from "./structured-dictionary.ts";

const read = (text: string) => {
  const members = parseDictionary(text);
  return members && Object.fromEntries(members);
};

test("RFC 9651 §3.2: a dictionary has members of every type", () => {
  expect(
    read('a=1, b=-2.5, c="x\\"y", d=tok/en, e=:aGk=:, f=?0, g, h=@1659578233, i=%"f%c3%bc", j=(1 "2" three)'),
  ).toEqual({
    a: { integer: 1 },
    b: { decimal: -2.5 },
    c: 'x"y',
    d: { token: "tok/en" },
    e: { bytes: "aGk=" },
    f: false,
    g: true,
    h: { date: 1_659_578_233 },
    i: "f%c3%bc",
    j: [{ integer: 1 }, "2", { token: "three" }],
  });
});

test("RFC 9651 §3.1.2: parameters are allowed everywhere", () => {
  expect(read("a;x, b=1;y=2;z, c=(1;q 2);r=?1")).toEqual({
    a: true,
    b: { integer: 1 },
    c: [{ integer: 1 }, { integer: 2 }],
  });
});

test("RFC 9651 §4.2.2: of a repeated key the last counts, and nothing at all is an empty dictionary", () => {
  expect(read("a=1, a=2")).toEqual({ a: { integer: 2 } });
  expect(read("")).toEqual({});
});

test("RFC 9651 §4.2: one mistake makes all of it worthless", () => {
  for (const text of [
    "A=1",
    "a=1,",
    "a=1 b=2",
    "a=1,, b=2",
    "a = 1",
    "a= 1",
    "a=",
    'a="x',
    'a="\\x"',
    "a=(1",
    "a=(1,2)",
    "a=1234567890123456",
    "a=1.2345",
    "a=1.",
    "a=?2",
    "a=:&:",
    "a=@1.5",
    "a=1;B",
    "a=1;b=",
    "&&&",
    'a=%"f%C3"',
  ])
    expect([text, parseDictionary(text)]).toEqual([text, undefined]);
});
