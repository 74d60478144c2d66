import { expect, test } from "vitest";
import { testRandom } from "../../testing/test-random.ts";
import { sharesOf, simulatePool } from "../balancing/pool-simulation.contract.ts";
import { checkEveryMs, checkTimeoutMs, ejectionMsBase, failuresInARow } from "./limits.ts";
import { PoolHealth } from "./pool-health.ts";

function poolOf(...ids: readonly string[]): PoolHealth {
  const health = new PoolHealth(testRandom());
  health.setMembers(ids, 0);
  return health;
}

function failChecks(health: PoolHealth, id: string): void {
  for (let nth = 0; nth < 3; nth++) health.checked(id, { passed: false, because: "no answer in 1,500 ms" }, 0);
}

/** Whether any of the failures changed a status. */
function failAnswers(health: PoolHealth, id: string, now = 0): boolean {
  const changes = Array.from({ length: failuresInARow }, () => health.answered(id, true, now));
  return changes.includes(true);
}

const reportOf = (health: PoolHealth, id: string) => health.reports().find((report) => report.id === id);

test("a member is usable unless something speaks against it, and says what that is", () => {
  const health = poolOf("well", "checks", "answers", "starting", "gone", "draining", "other", "another");
  failChecks(health, "checks");
  failAnswers(health, "answers");
  health.setPhase("starting", "starting", 0);
  health.setPhase("gone", "unreachable", 0);
  health.setPhase("draining", "draining", 0);
  expect(health.reports().slice(0, 6)).toEqual([
    { id: "well", status: "usable", kind: "well", says: "is well", usableSince: 0 },
    {
      id: "checks",
      status: "suspect",
      kind: "failing-checks",
      says: "fails its checks: no answer in 1,500 ms",
      usableSince: 0,
    },
    {
      id: "answers",
      status: "suspect",
      kind: "ejected",
      says: "is left alone for its failures",
      until: ejectionMsBase,
      usableSince: 0,
    },
    { id: "starting", status: "closed", kind: "starting", says: "is starting", usableSince: 0 },
    { id: "gone", status: "closed", kind: "unreachable", says: "takes no connection", usableSince: 0 },
    {
      id: "draining",
      status: "closed",
      kind: "draining",
      says: "finishes what it has, and gets nothing new",
      usableSince: 0,
    },
  ]);
});

test("draining counts more than failing checks, and these more than ejection", () => {
  const health = poolOf("a", "b", "c");
  failAnswers(health, "a");
  failChecks(health, "a");
  expect(reportOf(health, "a")?.kind).toBe("failing-checks");
  health.setPhase("a", "draining", 0);
  expect(reportOf(health, "a")?.kind).toBe("draining");
});

test("whoever tells something hears whether the balancer must know", () => {
  const health = poolOf("a", "b", "c");
  expect(health.answered("a", false, 0)).toBe(false);
  expect(failAnswers(health, "a")).toBe(true);
  expect(health.answered("a", true, 0)).toBe(false);
  expect(health.checked("b", { passed: true }, 0)).toBe(false);
  expect(health.setPhase("b", "draining", 0)).toBe(true);
  expect(health.setPhase("b", "draining", 0)).toBe(false);
  expect(health.setMembers(["a", "b", "c"], 0)).toBe(false);
  expect(health.setMembers(["a", "b"], 0)).toBe(true);
  expect(health.answered("c", true, 0)).toBe(false);
});

test("an ejection ends by itself, and from then on the slow start is counted", () => {
  const health = poolOf("a", "b", "c");
  failAnswers(health, "a", 1_000);
  expect(health.changesAt).toBe(1_000 + ejectionMsBase);
  expect(health.passed(ejectionMsBase)).toBe(false);
  expect(health.passed(1_000 + ejectionMsBase)).toBe(true);
  expect(reportOf(health, "a")).toMatchObject({ status: "usable", usableSince: 1_000 + ejectionMsBase });
  expect(health.changesAt).toBeUndefined();
});

test("an ejection that is repeated says so", () => {
  const health = poolOf("a", "b", "c");
  failAnswers(health, "a", 0);
  health.passed(ejectionMsBase);
  failAnswers(health, "a", ejectionMsBase);
  expect(reportOf(health, "a")?.says).toBe("is left alone for its failures, 2 times of late");
});

test("answers alone never bring a panic about, whatever fails; checks do", () => {
  const ids = ["a", "b", "c", "d", "e"];
  const health = poolOf(...ids);
  for (const id of ids) failAnswers(health, id);
  expect(health.reports().map(({ status }) => status)).toEqual(["suspect", "suspect", "usable", "usable", "usable"]);
  expect(health.panics).toBe(false);
  failChecks(health, "c");
  expect(health.panics).toBe(true);
});

test("what is known of members that stay is kept; a member that serves again is judged anew", () => {
  const health = poolOf("a", "b", "c");
  failAnswers(health, "a");
  health.setMembers(["new", "a", "b"], 500);
  expect(reportOf(health, "a")?.kind).toBe("ejected");
  expect(reportOf(health, "new")?.usableSince).toBe(500);
  health.setPhase("a", "starting", 600);
  health.setPhase("a", "serving", 700);
  expect(reportOf(health, "a")).toMatchObject({ kind: "well", usableSince: 700 });
});

test("a member is to be checked once in a period, and not while it is not serving", () => {
  const health = poolOf("a", "b");
  health.setPhase("b", "starting", 0);
  expect(health.takeDue(checkEveryMs)).toEqual(["a"]);
  expect(health.takeDue(checkEveryMs), "its check is under way").toEqual([]);
  health.checked("a", { passed: true }, checkEveryMs + 100);
  expect(health.takeDue(2 * checkEveryMs - 200)).toEqual([]);
  expect(health.takeDue(2.1 * checkEveryMs + 100)).toEqual(["a"]);
});

test("a check of which nothing is heard is made again", () => {
  const health = poolOf("a");
  health.takeDue(checkEveryMs);
  expect(health.takeDue(2 * checkEveryMs + checkTimeoutMs)).toEqual(["a"]);
});

test("simulated: one that fails costs five failures each time that it is tried, no more", () => {
  const broken = { id: "broken", serviceMs: 5, fails: { from: 1_000, until: 70_000 } };
  const instances = [...["a", "b", "c"].map((id) => ({ id, serviceMs: 5 })), broken];
  const visits = simulatePool({
    balance: "round-robin",
    instances,
    load: { perSecond: 200 },
    requests: 22_000,
    seed: 1,
    ejects: true,
  });
  // Ejected at 1 s for 30 s, after it for 60 s: back for good at 91 s, with its whole share ten seconds later.
  expect(visits.filter(({ failed }) => failed)).toHaveLength(2 * failuresInARow);
  const lastSeconds = visits.filter(({ at }) => at > 102_000);
  expect(sharesOf(lastSeconds, instances)[3]).toBeCloseTo(0.25, 2);
});
