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
  expect(readArguments([], { TRELLIS_KEY: "a" })).toEqual({
    url: undefined,
    key: "a",
    links: 500,
    clicks: 200_000,
    rate: Number.POSITIVE_INFINITY,
  });
  expect(
    readArguments(["--key", "b", "--url", "https://go.example/", "--clicks", "0", "--links", "7", "--rate", "50"], {
      TRELLIS_KEY: "a",
    }),
  ).toEqual({
    url: "https://go.example",
    key: "b",
    links: 7,
    clicks: 0,
    rate: 50,
  });
});

test("an app elsewhere needs a key, and it says how to make one; for the app here one is made", () => {
  const there = ["--url", "https://go.example"];
  expect(readArguments([], {})).toMatchObject({ url: undefined, key: undefined });
  expect(refusal(there).exit).toBe(exits.config);
  expect(refusal(there, { TRELLIS_KEY: " " }).message).toContain("npm run trellis -- key new --owner");
});

test("what is not understood is named", () => {
  const environment = { TRELLIS_KEY: "a" };
  expect(refusal(["--click", "3"], environment).message).toContain("--click");
  expect(refusal(["--clicks", "many"], environment).message).toContain('"many"');
  expect(refusal(["--url", "localhost:3000"], environment).message).toContain('"localhost:3000"');
  expect(refusal(["--clicks", "1.5"], environment).exit).toBe(exits.usage);
});

test("forever is until someone asks it to stop", () => {
  expect(readArguments(["--clicks", "forever"], { TRELLIS_KEY: "a" })).toMatchObject({
    clicks: Number.POSITIVE_INFINITY,
  });
});

test("there are 500 sites to link to, and a rate of nothing would never end", () => {
  const environment = { TRELLIS_KEY: "a" };
  expect(refusal(["--links", "501"], environment).message).toContain("from 1 to 500");
  expect(refusal(["--rate", "0"], environment).exit).toBe(exits.usage);
});

test("help needs no key", () => {
  expect(readArguments(["--help"], {})).toBe("help");
});
