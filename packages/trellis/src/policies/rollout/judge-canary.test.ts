import { describe, expect, it } from "vitest";
import { testRandom } from "../../testing/test-random.ts";
import { judgeCanary, likelihoodByChance } from "./judge-canary.ts";
import type { CanaryPlan, ReleaseEvidence } from "./rollout.ts";

const plan: CanaryPlan = { share: 0.1, forMs: 300_000 };
const of = (failures: number, requests: number, p99Ms = 20): ReleaseEvidence => ({ requests, failures, p99Ms });

const judge = (fresh: ReleaseEvidence, old: ReleaseEvidence, elapsedMs = 60_000, slowForMs = 0) =>
  judgeCanary({ fresh, old }, elapsedMs, slowForMs, plan);

describe("errors", () => {
  it("send it back as soon as they cannot be chance", () => {
    expect(judge(of(10, 10), of(0, 90))).toMatchObject({
      verdict: "roll-back",
      kind: "errors",
      says: "More requests fail than before: 10 of 10 requests failed (100.00%); before: 0 of 90 requests failed (0.00%)",
    });
    expect(judge(of(50, 1_000), of(90, 9_000)).verdict).toBe("roll-back");
  });

  it("say nothing before ten requests, or where they may be chance", () => {
    expect(judge(of(9, 9), of(0, 81)).verdict).toBe("hold");
    expect(judge(of(3, 100), of(9, 900)).verdict).toBe("hold");
    expect(judge(of(3, 30), of(0, 270)).verdict).toBe("hold");
  });

  it("send it back with less certainty once its time is over", () => {
    expect(judge(of(25, 1_000), of(110, 9_000)).verdict).toBe("hold");
    expect(judge(of(25, 1_000), of(110, 9_000), plan.forMs).verdict).toBe("roll-back");
  });

  it("are no reason where both fail as often, or where it is under a thousandth more", () => {
    expect(judge(of(500, 1_000), of(4_500, 9_000), plan.forMs).verdict).toBe("promote");
    expect(judge(of(1_050, 1_000_000), of(900, 9_000_000), plan.forMs).verdict).toBe("promote");
    expect(judge(of(1_150, 1_000_000), of(900, 9_000_000), plan.forMs).verdict).toBe("roll-back");
  });

  it("are no reason where it is better than before", () => {
    expect(judge(of(1, 1_000), of(900, 9_000), plan.forMs).verdict).toBe("promote");
  });
});

describe("slowness", () => {
  it("sends it back after half a minute at half as slow again", () => {
    expect(judge(of(0, 1_000, 61), of(0, 9_000, 40))).toMatchObject({ verdict: "hold", isSlow: true });
    expect(judge(of(0, 1_000, 61), of(0, 9_000, 40), 60_000, 30_000)).toMatchObject({
      verdict: "roll-back",
      kind: "slow",
      says: "It is slower: 99 of 100 answers take up to 61 ms, before 40 ms",
    });
  });

  it("is none under 20 ms more, at less than half as much again, or of few requests", () => {
    expect(judge(of(0, 1_000, 21), of(0, 9_000, 3)).isSlow).toBe(false);
    expect(judge(of(0, 1_000, 590), of(0, 9_000, 400)).isSlow).toBe(false);
    expect(judge(of(0, 199, 900), of(0, 1_800, 40)).isSlow).toBe(false);
  });

  it("holds it after its time until it is certain", () => {
    expect(judge(of(0, 1_000, 100), of(0, 9_000, 40), plan.forMs, 5_000).verdict).toBe("hold");
    expect(judge(of(0, 1_000, 100), of(0, 9_000, 40), plan.forMs + 25_000, 30_000).verdict).toBe("roll-back");
  });
});

describe("few requests", () => {
  it("hold it for its time, then it is promoted if none failed", () => {
    expect(judge(of(0, 0), of(0, 0)).verdict).toBe("hold");
    expect(judge(of(0, 0), of(0, 0), plan.forMs)).toMatchObject({
      verdict: "promote",
      says: "Nobody asked it in its time, so nothing failed",
    });
    expect(judge(of(0, 49), of(0, 441), plan.forMs).verdict).toBe("promote");
  });

  it("hold it for twice its time if some failed, then it goes back", () => {
    expect(judge(of(1, 30), of(0, 10), plan.forMs).verdict).toBe("hold");
    expect(judge(of(1, 30), of(0, 10), 2 * plan.forMs).verdict).toBe("roll-back");
    expect(judge(of(1, 60), of(0, 20), 1.5 * plan.forMs).verdict).toBe("promote");
  });
});

describe("the likelihood that it is chance", () => {
  it("is that of so many heads or more of a coin as uneven as the traffic", () => {
    expect(likelihoodByChance(of(3, 100), of(0, 100))).toBeCloseTo(1 / 8, 10);
    expect(likelihoodByChance(of(2, 100), of(1, 300))).toBeCloseTo(3 * (1 / 16) * (3 / 4) + 1 / 64, 10);
    expect(likelihoodByChance(of(0, 100), of(5, 100))).toBe(1);
  });

  it("is about the same for a thousand failures, by sum, as for a thousand and one, by the normal distribution", () => {
    const exact = likelihoodByChance(of(130, 1_000), of(870, 9_000));
    const normal = likelihoodByChance(of(130, 1_000), of(871, 9_000));
    expect(exact).toBeGreaterThan(0.0005);
    expect(exact).toBeLessThan(0.003);
    expect(Math.abs(Math.log(normal / exact))).toBeLessThan(0.35);
  });

  it("is 1 where all requests went to one release", () => {
    expect(likelihoodByChance(of(5, 100), of(0, 0))).toBe(1);
    expect(likelihoodByChance(of(0, 0), of(0, 0))).toBe(1);
  });
});

describe("a thousand simulated canaries, looked at each second", () => {
  /** How the canary of a release ends whose requests fail with this chance; before it, one in a hundred failed. */
  function verdictOf(seed: number, failureRate: number): { readonly verdict: string; readonly seconds: number } {
    const random = testRandom(seed);
    const count = { fresh: { requests: 0, failures: 0 }, old: { requests: 0, failures: 0 } };
    for (let second = 1; ; second++) {
      for (let request = 0; request < 20; request++) {
        const isFresh = random() < plan.share;
        const of = isFresh ? count.fresh : count.old;
        of.requests += 1;
        if (random() < (isFresh ? failureRate : 0.01)) of.failures += 1;
      }
      const { verdict } = judgeCanary(count, second * 1_000, 0, plan);
      if (verdict !== "hold") return { verdict, seconds: second };
    }
  }

  it("promote a release that is as good, but for fewer than 2 of 100", () => {
    const verdicts = Array.from({ length: 1_000 }, (_, seed) => verdictOf(seed, 0.01));
    expect(verdicts.filter(({ verdict }) => verdict === "roll-back").length).toBeLessThan(20);
  });

  it("send back a release that fails one time in ten, nearly all before their time is over", () => {
    const verdicts = Array.from({ length: 200 }, (_, seed) => verdictOf(seed, 0.1));
    const early = verdicts.filter(({ verdict, seconds }) => verdict === "roll-back" && seconds < 300);
    expect(early.length).toBeGreaterThan(195);
    const mean = early.reduce((sum, { seconds }) => sum + seconds, 0) / early.length;
    expect(mean).toBeLessThan(90);
  });

  it("send back a release that always fails within ten seconds", () => {
    for (let seed = 0; seed < 100; seed++) expect(verdictOf(seed, 1)).toMatchObject({ verdict: "roll-back" });
    const seconds = Array.from({ length: 100 }, (_, seed) => verdictOf(seed, 1).seconds);
    expect(Math.max(...seconds)).toBeLessThan(15);
  });
});
