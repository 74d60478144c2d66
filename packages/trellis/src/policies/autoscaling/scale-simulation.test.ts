import { describe, expect, it } from "vitest";
import { testRandom } from "../../testing/test-random.ts";
import { scaleDefaults } from "./scale-defaults.ts";
import { type ScaleSimulation, type ScaleStep, simulateScaling, turns } from "./scale-simulation.contract.ts";

const minuteMs = 60_000;
const seeds = [1, 2, 3, 4, 5];

const service: ScaleSimulation = {
  params: { ...scaleDefaults, instancesMin: 0, instancesMax: 16 },
  load: () => 0,
  untilMs: 10 * minuteMs,
  startMs: 3_000,
  loopMs: 5,
  waitMs: 20,
  instancesAtStart: 1,
  cores: 8,
  random: testRandom(1),
};

const simulate = (seed: number, changes: Partial<ScaleSimulation>): readonly ScaleStep[] =>
  simulateScaling({ ...service, random: testRandom(seed), ...changes });

const slowestMs = (steps: readonly ScaleStep[]): number =>
  Math.max(...steps.filter(({ arrived }) => arrived > 0).map(({ latencyMs }) => latencyMs));

/** Up to 1,200 requests a second in five minutes, and down again in five. */
const ramp = (atMs: number): number => Math.max(0, 1_200 * (1 - Math.abs(atMs - 5 * minuteMs) / (5 * minuteMs)));

describe("a ramp of ten minutes, then silence", () => {
  const runs = seeds.map((seed) => simulate(seed, { load: ramp, untilMs: 20 * minuteMs }));

  it("is followed without one slow second", () => {
    for (const steps of runs) expect(slowestMs(steps)).toBeLessThan(100);
  });

  it("never turns but once, and then comes to rest", () => {
    for (const steps of runs) {
      expect(turns(steps)).toBe(1);
      expect(steps.at(-1)).toMatchObject({ desired: 0, ready: 0 });
    }
  });

  it("takes little more than it needs: 1,200 requests a second are six full event loops, ten at 60%", () => {
    for (const steps of runs) {
      const most = Math.max(...steps.map(({ desired }) => desired));
      expect(most).toBeGreaterThanOrEqual(9);
      expect(most).toBeLessThanOrEqual(11);
    }
  });

  it("says why each time", () => {
    for (const { desired, reason } of runs.flat()) expect(reason.says).toMatch(new RegExp(`\\b${desired}\\b.*\\.$`));
  });
});

it("answers a burst of 1,000 after silence within a few seconds of the start of instances", () => {
  for (const seed of seeds) {
    const steps = simulate(seed, { bursts: { 300: 1_000 }, untilMs: 6 * minuteMs });
    const at = (second: number) => steps[second - 1];
    expect(at(299)).toMatchObject({ desired: 0, ready: 0 });
    expect(at(300)).toMatchObject({ desired: 4, reason: { kind: "woken" } });
    expect(at(306)).toMatchObject({ backlog: 0 });
  }
});

it("follows a load that jumps to the fivefold: twenty seconds later its queue is gone", () => {
  for (const seed of seeds) {
    const load = (atMs: number) => (atMs < 2 * minuteMs ? 200 : 1_000);
    const steps = simulate(seed, { load, instancesAtStart: 2, untilMs: 5 * minuteMs });
    const queued = steps.filter(({ backlog }) => backlog > 0);
    expect(queued.length).toBeGreaterThan(0);
    expect(queued.length).toBeLessThan(20);
    expect(turns(steps)).toBe(0);
  }
});

it("does not flap under a load that comes and goes every minute", () => {
  for (const seed of seeds) {
    const load = (atMs: number) => (Math.floor(atMs / minuteMs) % 2 === 0 ? 700 : 200);
    const steps = simulate(seed, { load, instancesAtStart: 6, untilMs: 30 * minuteMs });
    expect(turns(steps)).toBe(0);
  }
});

it("follows as well when one in ten samples gets lost", () => {
  for (const seed of seeds) {
    const lost = (random: () => number) => random() < 0.1;
    const steps = simulate(seed, { load: ramp, untilMs: 10 * minuteMs, lost });
    expect(turns(steps)).toBeLessThanOrEqual(1);
    expect(slowestMs(steps)).toBeLessThan(500);
  }
});

it("comes out the same for the same seed", () => {
  const twice = [1, 2].map(() => simulate(9, { load: ramp, untilMs: 3 * minuteMs }));
  expect(twice[0]).toEqual(twice[1]);
});
