import { describe, expect, it } from "vitest";
import type { Bench, Findings, Goal } from "./bench.ts";
import { makeResult } from "./result.ts";

const bench: Bench = {
  name: "errand",
  line: "",
  hasPeers: false,
  packages: [],
  run: () => Promise.reject(new Error("not run here")),
};
const machine = { cpu: "", cores: 2, memoryGiB: 1, system: "", node: "", loadBefore: 0 };

function resultOf(better: "higher" | "lower", goals: readonly Goal[] = []) {
  const sides = { trellis: [40, 50, 60], peer: [100, 100, 100] };
  const more = { name: "more", unit: "u", better, sides: { trellis: [30, 30, 30], peer: [100, 100, 100] } };
  const findings: Findings = { measures: [{ name: "work", unit: "u", better, sides }, more], notes: [], goals };
  return makeResult(bench, findings, { machine, revision: "", taken: "", versions: {} });
}

describe("makeResult", () => {
  it("sets trellis against each peer, larger being better whichever way the measure goes", () => {
    expect(resultOf("higher").ratios).toEqual({ "trellis/peer": 0.5 });
    expect(resultOf("lower").ratios).toEqual({ "trellis/peer": 2 });
  });

  it("says whether a goal is met by the figure that was measured", () => {
    const goals = [
      { ratio: "trellis/peer", atLeast: 0.65 },
      { side: "trellis", atMost: 50 },
      { measure: "more", ratio: "trellis/peer", atLeast: 0.2 },
    ];
    expect(resultOf("higher", goals).goals).toEqual([
      { ratio: "trellis/peer", atLeast: 0.65, measured: 0.5, met: false },
      { side: "trellis", atMost: 50, measured: 50, met: true },
      { measure: "more", ratio: "trellis/peer", atLeast: 0.2, measured: 0.3, met: true },
    ]);
  });

  it("refuses a goal about a figure that nobody measured", () => {
    expect(() => resultOf("higher", [{ ratio: "trellis/other", atLeast: 1 }])).toThrow(/No figure for the goal/);
  });
});
