import { scaleDefaults } from "../../packages/trellis/src/policies/autoscaling/scale-defaults.ts";
import {
  type ScaleStep,
  simulateScaling,
  turns,
} from "../../packages/trellis/src/policies/autoscaling/scale-simulation.contract.ts";
import { testRandom } from "../../packages/trellis/src/testing/test-random.ts";
import type { Bench, Findings, HowToRun } from "../src/harness/bench.ts";

const minuteMs = 60_000;
const perSecondMost = 1_200;
const perSecondAfter = 60;
const silentFromMs = 17 * minuteMs;
const burstAtSeconds = 20 * 60;
const burst = 1_000;
const untilMs = 23 * minuteMs;

export const scaling: Bench = {
  name: "scaling",
  line: "how many simulated instances follow a load that rises and falls in ten minutes, silence, and a burst of 1,000",
  hasPeers: false,
  packages: [],
  run: async (how) => simulate(how),
};

function simulate({ rounds }: HowToRun): Findings {
  const runs = Array.from({ length: rounds }, (_, round) => stepsOf(round + 1));
  const of = (figure: (steps: readonly ScaleStep[]) => number) => ({ sides: { trellis: runs.map(figure) } });
  return {
    course: courseOf(runs[0] ?? []),
    measures: [
      { name: "slowest second of the ramp", unit: "ms", better: "lower", ...of(slowestOfRampMs) },
      { name: "mean use of event loops in the ramp", unit: "%", better: "higher", ...of(useOfRamp) },
      { name: "turns between growing and shrinking", unit: "turns", better: "lower", ...of(turns) },
      { name: "instances after two minutes of silence", unit: "instances", better: "lower", ...of(restingInstances) },
      { name: "the burst is answered after", unit: "s", better: "lower", ...of(burstSeconds) },
    ],
    notes: [
      `A simulation on a virtual clock, no processes: a request takes 5 ms of an event loop and waits 20 ms for others; an instance is ready 3 s after it was started; up to ${perSecondMost} requests a second after five minutes, ${perSecondAfter} after ten, none after seventeen, ${burst} at once after twenty`,
      "Shown is the first run, where something changed and once a minute; each run has a seed of its own, 1 and up: the same seeds give the same figures on every machine",
      "Three turns: up with the load, down after it, up for the burst, down to none again",
    ],
    goals: [
      { side: "trellis", atMost: 100 },
      { measure: "turns between growing and shrinking", side: "trellis", atMost: 3 },
      { measure: "instances after two minutes of silence", side: "trellis", atMost: 0 },
      { measure: "the burst is answered after", side: "trellis", atMost: 10 },
    ],
  };
}

function stepsOf(seed: number): readonly ScaleStep[] {
  return simulateScaling({
    params: { ...scaleDefaults, instancesMin: 0, instancesMax: 16 },
    load: perSecond,
    bursts: { [burstAtSeconds]: burst },
    untilMs,
    startMs: 3_000,
    loopMs: 5,
    waitMs: 20,
    instancesAtStart: 1,
    cores: 8,
    random: testRandom(seed),
  });
}

function perSecond(atMs: number): number {
  const half = 5 * minuteMs;
  if (atMs <= half) return (perSecondMost * atMs) / half;
  if (atMs <= 2 * half) return perSecondAfter + ((perSecondMost - perSecondAfter) * (2 * half - atMs)) / half;
  return atMs <= silentFromMs ? perSecondAfter : 0;
}

const inRamp = (steps: readonly ScaleStep[]): readonly ScaleStep[] => steps.filter(({ atMs }) => atMs <= 10 * minuteMs);

const slowestOfRampMs = (steps: readonly ScaleStep[]): number =>
  Math.max(...inRamp(steps).map(({ latencyMs }) => latencyMs));

function useOfRamp(steps: readonly ScaleStep[]): number {
  const uses = inRamp(steps).map(({ loopUtilization }) => 100 * loopUtilization);
  return uses.reduce((sum, use) => sum + use, 0) / uses.length;
}

const restingInstances = (steps: readonly ScaleStep[]): number =>
  steps.find(({ atMs }) => atMs >= silentFromMs + 2 * minuteMs)?.ready ?? Number.NaN;

function burstSeconds(steps: readonly ScaleStep[]): number {
  const answered = steps.find(({ atMs, backlog }) => atMs > burstAtSeconds * 1_000 && backlog === 0);
  return answered ? answered.atMs / 1_000 - burstAtSeconds : Number.NaN;
}

/** A line where the number of instances changes, where another reason holds, and once a minute. */
function courseOf(steps: readonly ScaleStep[]): readonly string[] {
  const shown = steps.filter(({ atMs, ready, starting, desired }) => {
    return atMs % minuteMs === 0 || desired !== ready + starting;
  });
  const head = ["time", "requests/s", "waiting", "instances", "wanted", "because"];
  const rows = shown.map(({ atMs, arrived, backlog, ready, starting, desired, reason }) => [
    clockOf(atMs),
    String(arrived),
    String(backlog),
    starting > 0 ? `${ready}+${starting}` : String(ready),
    String(desired),
    reason.says,
  ]);
  return [head, ...rows].map((cells) => cells.map((cell, nth) => padded(cell, nth)).join("  "));
}

const widths = [5, 10, 7, 9, 6];

const padded = (cell: string, nth: number): string => cell.padStart(widths[nth] ?? 0);

const clockOf = (atMs: number): string => {
  const seconds = Math.round(atMs / 1_000);
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
};
