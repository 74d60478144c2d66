import { expect, test } from "vitest";
import { readSettings } from "./settings.ts";

test.each([
  ["https://go.example", "https://go.example"],
  ["https://GO.example:443/", "https://go.example"],
  ["http://10.0.0.7:8080", "http://10.0.0.7:8080"],
  ["", ""],
])("the public address %j is %j", (text, origin) => {
  expect(readSettings({ TRELLIS_ORIGIN: text }).origin).toBe(origin);
});

test.each([
  "go.example",
  "ftp://go.example",
  "https://go.example/links",
  "https://me:hush@go.example",
  "https://a?b=c",
])("the public address %j is refused, with the cure", (text) => {
  expect(() => readSettings({ TRELLIS_ORIGIN: text })).toThrow(
    expect.objectContaining({ code: "invalid-setting", cure: expect.stringContaining("https://go.example") }),
  );
});
