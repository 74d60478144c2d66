import { expect, test } from "vitest";
import { isExpectedOutput } from "./expected-output.ts";

test.each([
  ["the same", "a\nb\n", "a\nb\n"],
  ["colours and spaces at the ends of lines", "\u001b[32ma\u001b[0m  \n\n", "a\n"],
  ["anything within a line", "port 4711, pid 12\n", "port …, pid …\n"],
  ["any number of lines", "a\nx\ny\nb\n", "a\n…\nb\n"],
  ["no line at all", "a\nb\n", "a\n…\nb\n"],
  ["the last lines", "a\nb\nc\n", "a\n…\n"],
])("%s: as expected", (_, output, expected) => {
  expect(isExpectedOutput(output, expected)).toBe(true);
});

test.each([
  ["another text", "a\n", "b\n"],
  ["a line more", "a\nb\n", "a\n"],
  ["a line less", "a\n", "a\nb\n"],
  ["a dot where another character is", "axb\n", "a.b\n"],
  ["dots that would have to span lines", "a\nb\n", "a…b\n"],
])("%s: not as expected", (_, output, expected) => {
  expect(isExpectedOutput(output, expected)).toBe(false);
});
