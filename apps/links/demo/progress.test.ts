import { expect, test } from "vitest";
import { Progress } from "./progress.ts";

function shown(isTerminal: boolean, steps: number, of: number, stepMs: number): string {
  let text = "";
  let nowMs = 0;
  const screen = {
    isTerminal,
    write: (more: string) => {
      text += more;
    },
  };
  const progress = new Progress(screen, () => nowMs, "Making", of);
  for (let step = 0; step < steps; step++) {
    nowMs += stepMs;
    progress.step();
  }
  progress.end();
  return text;
}

test("elsewhere than on a terminal: a plain line at each quarter", () => {
  expect(shown(false, 500, 500, 1)).toBe(
    "Making: 125 of 500\nMaking: 250 of 500\nMaking: 375 of 500\nMaking: 500 of 500\n",
  );
  expect(shown(false, 2, 2, 1)).toBe("Making: 1 of 2\nMaking: 2 of 2\n");
});

test("on a terminal: one line that is written over, at most ten times a second, and whole at the end", () => {
  const text = shown(true, 500, 500, 1);
  expect(text.split("\r")).toHaveLength(1 + 6);
  expect(text.endsWith(`\r\u001b[KMaking  ${"█".repeat(24)}  500/500  1000/s\n`)).toBe(true);
});

test("what ends early leaves the line", () => {
  expect(shown(true, 1, 500, 1).endsWith("\n")).toBe(true);
  expect(shown(true, 0, 500, 1)).toBe("");
});
