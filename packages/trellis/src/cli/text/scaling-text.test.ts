import { expect, test } from "vitest";
import type { ScaleNote } from "../../supervisor/scaling/scale-note.ts";
import { scalingText } from "./scaling-text.ts";

const groups = [
  { group: "web", instances: 2, min: 0, max: 4, because: "65 are under way: from 1 to 2." },
  { group: "worker", instances: 1, min: 1, max: 1 },
];
const note = (more: Partial<ScaleNote>): ScaleNote => ({
  ...{ at: Date.UTC(2026, 0, 2, 3, 4, 5, 678), group: "web", from: 1, to: 2, kind: "in-flight" as const },
  ...{ says: "65 are under way: from 1 to 2.", done: true, ...more },
});

test("groups come first, with their ranges; nothing more where nothing was decided", () => {
  expect(scalingText({ groups, decisions: [] })).toBe(
    [
      "GROUP   INSTANCES  RANGE  WHY",
      "web             2  0..4   65 are under way: from 1 to 2.",
      "worker          1  1",
    ].join("\n"),
  );
});

test("each decision says when, from how many to how many, and whether it was done", () => {
  const decisions = [
    note({}),
    note({ done: false, to: 3, says: "Not now." }),
    note({ from: 2, done: false, says: "Stay." }),
  ];
  expect(scalingText({ groups, decisions }).split("\n").slice(4)).toEqual([
    "WHEN                  GROUP  INSTANCES       WHY",
    "2026-01-02T03:04:05Z  web    1 → 2           65 are under way: from 1 to 2.",
    "2026-01-02T03:04:05Z  web    1 stays, not 3  Not now.",
    "2026-01-02T03:04:05Z  web    2               Stay.",
  ]);
});

test("people are shown the latest forty", () => {
  const decisions = Array.from({ length: 100 }, (_, index) => note({ says: `Reason ${index}.` }));
  const lines = scalingText({ groups, decisions }).split("\n").slice(5);
  expect(lines).toHaveLength(40);
  expect(lines.at(-1)).toContain("Reason 99.");
});
