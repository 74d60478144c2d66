import { describe, expect, it } from "vitest";
import { fileLinesMax, functionLinesMax, problemsIn } from "./tidy-rules.ts";

const lines = (count: number, line = "  step();"): string => `${line}\n`.repeat(count);
const says = (text: string): readonly string[] =>
  problemsIn("example.ts", text).map((problem) => `${problem.line}: ${problem.says}`);

describe("tidy", () => {
  it("accepts what is within the limits", () => {
    expect(says(`function go() {\n${lines(functionLinesMax - 2)}}\n`)).toEqual([]);
    expect(says(lines(fileLinesMax))).toEqual([]);
  });

  it("reports a file that is too long, with the cure", () => {
    expect(says(lines(fileLinesMax + 1))).toEqual([
      `1: ${fileLinesMax + 1} lines, at most ${fileLinesMax}: move one noun of it into a file of its own`,
    ]);
  });

  it.each([
    ["a function", "function go() {", "}"],
    ["an arrow function", "const go = () => {", "};"],
    ["a method", "class A { go() {", "} }"],
    ["a test", 'it("goes", () => {', "});"],
  ])("reports %s that is too long at the line where it starts", (_, head, tail) => {
    expect(says(`\n${head}\n${lines(functionLinesMax - 1)}${tail}\n`)).toEqual([
      `2: a function of ${functionLinesMax + 1} lines, at most ${functionLinesMax}: extract a step and name it after what it does`,
    ]);
  });

  it.each(['describe("a", () => {', 'describe.each([1])("a", () => {', 'describe.skipIf(on)("a", () => {'])(
    "lets %s be as long as its list of tests, also inside a function that makes suites",
    (head) => {
      const suite = `${head}\n${lines(functionLinesMax)}});\n`;
      expect(says(suite)).toEqual([]);
      expect(says(`export function contract() {\n${suite}}\n`)).toEqual([]);
    },
  );

  it("reports the type any, and only the type", () => {
    expect(says("const any = 1;\nconst b = any as any;\n")).toEqual([
      '2: "any": name the type, or take "unknown" and narrow it',
    ]);
  });

  it("reports reminders left in the code", () => {
    const words = ["TO", "FIX"].map((start, index) => start + ["DO", "ME"][index]);
    expect(words.map((word) => says(`\n// ${word} later\n`).length)).toEqual([1, 1]);
  });
});
