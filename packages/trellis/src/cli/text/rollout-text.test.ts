import { expect, test } from "vitest";
import { beginRollout } from "../../policies/rollout/decide-rollout.ts";
import type { RolloutPhase, RolloutPlan } from "../../policies/rollout/rollout.ts";
import type { RolloutRecord } from "../../supervisor/state.ts";
import { rolloutText } from "./rollout-text.ts";

const plan: RolloutPlan = {
  ...{ release: 3, replaces: 2, instances: 4, surge: 4, readyMsMax: 30_000, failedStartsMax: 0, soakMs: 10_000 },
  canary: { share: 0.125, forMs: 300_000 },
};

function record(phase: RolloutPhase, passedMs: number, more: Partial<RolloutRecord> = {}): RolloutRecord {
  const begun = beginRollout(plan, 1_000_000);
  const state = { ...begun, phase, batch: 2, since: 1_000_000, decidedAt: 1_000_000 + passedMs };
  return { state, leftAs: "replaced", says: "So it is.", ...more };
}

test.each([
  ["canary-start", 0, "The canary is being started. So it is."],
  ["canary", 125_000, "12.5% of the requests for 2m of 5m. So it is."],
  ["rolling", 4_000, "2 of 4 instances are started for 4s. So it is."],
  ["soaking", 7_200, "It serves alone for 7s of 10s. So it is."],
  ["returning", 900, "Release 2 is being brought back for 900ms. So it is."],
  ["done", 0, "It is at its end. So it is."],
] as const)("%s is told with how far it is and why", (phase, passedMs, text) => {
  expect(rolloutText(record(phase, passedMs))).toBe(text);
});

test("it is told that another supervisor goes on; and of one that nothing was written of, how far it is", () => {
  expect(rolloutText(record("rolling", 4_000, { resumed: 1 }))).toBe(
    "2 of 4 instances are started for 4s. So it is. Another supervisor goes on with it.",
  );
  const { says: _, ...silent } = record("rolling", 4_000);
  expect(rolloutText(silent)).toBe("2 of 4 instances are started for 4s.");
});
