import { expect, test } from "vitest";
import { DemoError, exits, readArguments } from "./arguments.ts";

const refusal = (given: string[], environment = {}) => {
  try {
    readArguments(given, environment);
  } catch (error) {
    if (error instanceof DemoError) return error;
    throw error;
  }
  throw new Error("It was not refused.");
};

test("the key comes from --key, or else from TRELLIS_KEY", () => {
  expect(readArguments([], { TRELLIS_KEY: "a" })).toEqual({ url: "http://localhost:3000", key: "a", follows: 5_000 });
  expect(readArguments(["--key", "b", "--url", "https://go.example/", "--follows", "0"], { TRELLIS_KEY: "a" })).toEqual(
    {
      url: "https://go.example",
      key: "b",
      follows: 0,
    },
  );
});

test("without a key it says how to make one", () => {
  expect(refusal([]).exit).toBe(exits.config);
  expect(refusal([], { TRELLIS_KEY: " " }).message).toContain("npm run trellis -- key new --owner");
});

test("what is not understood is named", () => {
  const environment = { TRELLIS_KEY: "a" };
  expect(refusal(["--follow", "3"], environment).message).toContain("--follow");
  expect(refusal(["--follows", "many"], environment).message).toContain('"many"');
  expect(refusal(["--url", "localhost:3000"], environment).message).toContain('"localhost:3000"');
  expect(refusal(["--follows", "1.5"], environment).exit).toBe(exits.usage);
});

test("help needs no key", () => {
  expect(readArguments(["--help"], {})).toBe("help");
});
