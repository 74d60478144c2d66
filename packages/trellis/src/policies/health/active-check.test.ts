import { expect, test } from "vitest";
import { type CheckResult, type CheckState, decideCheck, neverChecked } from "./active-check.ts";
import { checkEveryMs } from "./limits.ts";

const half = () => 0.5;
const passed: CheckResult = { passed: true };
const failed: CheckResult = { passed: false, because: "status 503" };

/** `+` is a check that passes, `-` one that fails. */
function after(checks: string, state: CheckState = neverChecked(0, half)): CheckState {
  let now = state;
  for (const check of checks) now = decideCheck(now, check === "+" ? passed : failed, 0, half);
  return now;
}

test.each([
  { checks: "", verdict: "unchecked" },
  { checks: "+", verdict: "passing" },
  { checks: "-", verdict: "failing" },
  { checks: "+--", verdict: "passing" },
  { checks: "+---", verdict: "failing" },
  { checks: "+--+--", verdict: "passing" },
  { checks: "+--+---", verdict: "failing" },
  { checks: "-+", verdict: "failing" },
  { checks: "-++", verdict: "passing" },
  { checks: "-+-+", verdict: "failing" },
  { checks: "+---++--", verdict: "passing" },
])("three failures in a row make a member fail, two passes pass; the first check decides alone: $checks", (given) => {
  expect(after(given.checks).verdict).toBe(given.verdict);
});

test("a failing member says why until it passes for good; a passing one whose check failed says so as well", () => {
  expect(after("+---").because).toBe("status 503");
  expect(after("+---+").because).toBe("status 503");
  expect(after("+---++").because).toBeUndefined();
  expect(after("+-")).toMatchObject({ verdict: "passing", against: 1, because: "status 503" });
  expect(after("+-+").because).toBeUndefined();
});

test("checks come every two seconds, a tenth sooner or later, so that gateways do not check in step", () => {
  const dueAfter = (chance: number) => decideCheck(after("+"), passed, 10_000, () => chance).dueAt - 10_000;
  expect([0, 0.5, 1].map(dueAfter)).toEqual([0.9 * checkEveryMs, checkEveryMs, 1.1 * checkEveryMs]);
});

test("first checks are spread over one period", () => {
  expect([0, 0.25, 0.75].map((chance) => neverChecked(1_000, () => chance).dueAt)).toEqual([1_000, 1_500, 2_500]);
});
