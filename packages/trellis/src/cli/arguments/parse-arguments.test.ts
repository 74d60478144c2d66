import { expect, test } from "vitest";
import { command } from "../command.ts";
import { parseArguments } from "./parse-arguments.ts";

const copy = command({
  name: "copy",
  about: "Copies.",
  args: [
    { name: "FROM", says: "what" },
    { name: "TO", says: "where" },
  ],
  options: { "dry-run": { says: "only look" }, speed: { value: "N", says: "how fast" } },
  run: async () => 0,
});

test("options and arguments are read in any order", () => {
  expect(parseArguments(copy, ["a", "--speed", "3", "b", "--dry-run"])).toEqual({
    args: ["a", "b"],
    options: { "dry-run": true, speed: "3", json: false, help: false },
  });
  expect(parseArguments(copy, ["--speed=3", "--", "--a", "b"]).args).toEqual(["--a", "b"]);
});

test("an option that is not given is undefined, a switch is off", () => {
  expect(parseArguments(copy, ["a", "b"]).options).toEqual({
    "dry-run": false,
    speed: undefined,
    json: false,
    help: false,
  });
});

test.each([
  { words: ["a", "b", "--sped", "3"], says: "trellis copy has no option --sped", cure: "Perhaps you meant --speed." },
  { words: ["a", "b", "-x"], says: "trellis copy has no option -x", cure: "See trellis copy --help." },
  { words: ["a", "b", "--speed"], says: "--speed needs a value: --speed N" },
  { words: ["a", "b", "--speed="], says: "--speed needs a value: --speed N" },
  { words: ["a", "b", "--speed", "--json"], says: "--speed needs a value: --speed N" },
  { words: ["a", "b", "--dry-run=no"], says: "--dry-run takes no value" },
  { words: ["a"], says: "trellis copy needs TO" },
  { words: ["a", "b", "c"], says: 'trellis copy does not know what to do with "c"' },
])("$words is refused: $says", ({ words, says, cure = "See trellis copy --help." }) => {
  expect(() => parseArguments(copy, words)).toThrow(
    expect.objectContaining({ code: "usage", exit: 64, message: says, cure: expect.stringContaining(cure) }),
  );
});

test("an option that may be given several times is a list, empty without it", () => {
  const join = command({
    name: "join",
    about: "Joins.",
    options: { to: { value: "URL", many: true, says: "where" } },
    run: async () => 0,
  });
  expect(parseArguments(join, ["--to", "a", "--to=b"]).options).toMatchObject({ to: ["a", "b"] });
  expect(parseArguments(join, []).options).toMatchObject({ to: [] });
});

test("whoever asks for help need not give the rest", () => {
  expect(parseArguments(copy, ["--help"]).options).toMatchObject({ help: true });
  expect(parseArguments(copy, ["-h"]).options).toMatchObject({ help: true });
});
