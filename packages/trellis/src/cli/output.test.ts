import { expect, test } from "vitest";
import { TrellisError } from "../model/errors.ts";
import { output } from "./output.ts";

function recorded(json: boolean) {
  const written = { out: "", error: "" };
  const streams = {
    out: (text: string) => {
      written.out += text;
    },
    error: (text: string) => {
      written.error += text;
    },
  };
  return { written, output: output(json, streams) };
}

const inUse = new TrellisError("port-in-use", { says: "Port 80 is in use" });

test("people read an error's title, code, what happened and the cure, on standard error", () => {
  const { written, output } = recorded(false);
  expect(output.fail(inUse)).toBe(71);
  expect(written).toEqual({
    out: "",
    error:
      "The port is in use (port-in-use)\n  Port 80 is in use\n  → Choose another with --port, or end the program that has it.\n",
  });
});

test("programs get the same as one line of JSON on standard output, and nothing else there", () => {
  const { written, output } = recorded(true);
  output.say("a word to people");
  output.answer({ a: 1 }, "a is 1");
  output.fail(inUse);
  const lines = written.out.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { a: 1 },
    {
      event: "error",
      code: "port-in-use",
      title: "The port is in use",
      says: "Port 80 is in use",
      cure: "Choose another with --port, or end the program that has it.",
      exit: 71,
    },
  ]);
});

test("an error that nobody foresaw is shown with its place, and does not pass for one of the caller's", () => {
  const { written, output } = recorded(false);
  expect(output.fail(new RangeError("no such thing"))).toBe(70);
  expect(written.error).toContain("output.test.ts");
  expect(written.error).toContain("(internal)\n  no such thing\n");
});

test("the fields that are wrong are named", () => {
  const { written, output } = recorded(false);
  output.fail(new TrellisError("invalid-input", { fields: [{ field: "body.target", problem: "is missing" }] }));
  expect(written.error).toContain("\n  body.target: is missing\n");
});
