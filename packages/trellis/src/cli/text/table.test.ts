import { expect, test } from "vitest";
import { table } from "./table.ts";

test("columns are aligned, numbers to the right, and no line ends in blanks", () => {
  const rows = [
    ["web", 2, "shares the port"],
    ["worker", 10, ""],
  ];
  expect(table(rows, "  ")).toBe("  web      2  shares the port\n  worker  10");
});
