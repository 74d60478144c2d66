import { describe, expect, it } from "vitest";
import { testRandom } from "../../testing/test-random.ts";
import { beginRollout, decideRollout } from "./decide-rollout.ts";
import type { RolloutObservation, RolloutPlan } from "./rollout.ts";
import { type RolloutSimulation, type RolloutStep, simulateRollout } from "./rollout-simulation.contract.ts";

const plan: RolloutPlan = {
  release: 2,
  replaces: 1,
  instances: 3,
  surge: 1,
  readyMsMax: 30_000,
  failedStartsMax: 2,
  soakMs: 60_000,
};
const canary = { share: 0.1, forMs: 300_000 };

const simulate = ({
  plan: changes,
  ...rest
}: Partial<Omit<RolloutSimulation, "plan">> & { plan?: Partial<RolloutPlan> }) =>
  simulateRollout({
    fresh: { startMs: 1_000 },
    old: { startMs: 1_000 },
    oldInstances: 3,
    drainMs: 2_500,
    perSecond: 20,
    random: testRandom(1),
    plan: { ...plan, ...changes },
    ...rest,
  });

const endOf = (steps: readonly RolloutStep[]) => {
  const last = steps.at(-1);
  if (!last) throw new Error("Nothing was decided.");
  return {
    phase: last.decision.state.phase,
    says: last.decision.reason.says,
    fresh: last.fresh,
    old: last.old,
    atMs: last.atMs,
  };
};

const running = ({ fresh, old }: RolloutStep): number =>
  [fresh, old].reduce((sum, { starting, ready, draining }) => sum + starting + ready + draining, 0);

const kindsOf = (steps: readonly RolloutStep[]) => [...new Set(steps.map(({ decision }) => decision.reason.kind))];

describe("a release that is well", () => {
  const steps = simulate({});

  it("serves alone in the end, and says so", () => {
    expect(endOf(steps)).toMatchObject({
      phase: "done",
      says: "Release 2 serves.",
      fresh: { ready: 3 },
      old: { ready: 0 },
    });
    expect(steps.at(-1)?.decision.wants).toEqual({ fresh: 3, old: 0, freshServes: true });
    expect(kindsOf(steps)).toEqual(["starting", "advanced", "soaking", "done"]);
  });

  it("leaves no moment without a ready instance, and none with more than the surge allows", () => {
    expect(steps.filter(({ refused }) => refused)).toEqual([]);
    expect(Math.max(...steps.map(running))).toBe(4);
    expect(Math.min(...steps.map(({ fresh, old }) => fresh.ready + old.ready))).toBe(3);
  });

  it("is faster with more surge", () => {
    const atOnce = simulate({ plan: { surge: 3 } });
    expect(Math.max(...atOnce.map(running))).toBe(6);
    expect(endOf(atOnce).atMs).toBeLessThan(endOf(steps).atMs - 5_000);
  });

  it("may have more instances than the one before it, or fewer", () => {
    expect(endOf(simulate({ plan: { instances: 5 } }))).toMatchObject({ phase: "done", fresh: { ready: 5 } });
    expect(endOf(simulate({ plan: { instances: 1 } }))).toMatchObject({ phase: "done", fresh: { ready: 1 } });
  });

  it("may be the first of all", () => {
    const { replaces: _, ...first } = plan;
    const steps = simulateRollout({
      plan: { ...first, canary },
      fresh: { startMs: 1_000 },
      old: {},
      oldInstances: 0,
      drainMs: 0,
      perSecond: 0,
      random: testRandom(1),
    });
    expect(endOf(steps)).toMatchObject({ phase: "done", fresh: { ready: 3 } });
  });
});

describe("a release that never becomes ready", () => {
  it("never gets a request, and the old one stays as it was", () => {
    const steps = simulate({ fresh: {} });
    expect(endOf(steps)).toMatchObject({ phase: "abandoned", old: { ready: 3, draining: 0 } });
    expect(endOf(steps).says).toBe("1 of 1 instances were not ready after 30 s.");
    expect(endOf(steps).atMs).toBe(30_000);
    expect(steps.every(({ freshRequests, decision }) => freshRequests === 0 && !decision.wants.freshServes)).toBe(true);
    expect(steps.at(-1)?.decision.wants).toEqual({ fresh: 0, old: 3, freshServes: false });
  });

  it("is given up at the third end, long before its time is up", () => {
    const steps = simulate({ fresh: { startMs: 5_000, endsAfterMs: 500 } });
    expect(endOf(steps)).toMatchObject({
      phase: "abandoned",
      says: "3 instances ended by themselves before all were ready.",
    });
    expect(endOf(steps).atMs).toBeLessThan(5_000);
  });

  it("is given up as a canary too", () => {
    const steps = simulate({ fresh: {}, plan: { canary } });
    expect(endOf(steps)).toMatchObject({ phase: "abandoned", old: { ready: 3 } });
    expect(steps.every(({ freshRequests }) => freshRequests === 0)).toBe(true);
  });
});

describe("a release that fails after it began to serve", () => {
  it("goes back when an instance ends in the soak time, without a moment without a ready instance", () => {
    const steps = simulate({ fresh: { startMs: 1_000, endsAfterMs: 40_000 } });
    expect(kindsOf(steps)).toEqual(["starting", "advanced", "soaking", "crashed", "returning", "rolled-back"]);
    expect(endOf(steps)).toMatchObject({ phase: "rolled-back", old: { ready: 3 }, fresh: { ready: 0, draining: 0 } });
    expect(steps.filter(({ refused }) => refused)).toEqual([]);
  });

  it("goes back when a later batch never becomes ready", () => {
    const swapped = { fresh: counts({ ready: 1 }), old: counts({ ready: 2 }) };
    const { state } = decideRollout(decideRollout(begun(), observed({}), 0).state, observed(swapped), 2_000);
    expect(state).toMatchObject({ phase: "rolling", batch: 2, staying: 2 });
    const stuck = { fresh: counts({ ready: 1, starting: 1 }), old: counts({ ready: 2 }) };
    let last = decideRollout(state, observed(stuck), 2_000);
    for (let now = 3_000; now <= 32_000; now += 1_000) last = decideRollout(last.state, observed(stuck), now);
    expect(last).toMatchObject({
      state: { phase: "returning" },
      reason: { kind: "never-ready" },
      wants: { old: 2, fresh: 1 },
    });
  });

  it("stays if it is the first of all: there is nothing to go back to", () => {
    const { replaces: _, ...first } = plan;
    const fresh = { startMs: 1_000, endsAfterMs: 40_000 };
    const steps = simulateRollout({
      plan: first,
      fresh,
      old: {},
      oldInstances: 0,
      drainMs: 0,
      perSecond: 0,
      random: testRandom(1),
    });
    expect(endOf(steps).phase).toBe("done");
  });
});

describe("a canary", () => {
  it("gets its share, is promoted after its time, and the others follow", () => {
    const steps = simulate({ plan: { canary } });
    expect(kindsOf(steps)).toEqual(["starting", "advanced", "watching", "promoted", "soaking", "done"]);
    const watched = steps.filter(({ decision }) => decision.state.phase === "canary");
    expect(watched.at(-1)?.decision.wants).toEqual({ fresh: 1, old: 3, freshServes: true, freshShare: 0.1 });
    const requests = watched.reduce((sum, { freshRequests }) => sum + freshRequests, 0);
    expect(requests).toBeGreaterThan(500);
    expect(requests).toBeLessThan(700);
    expect(endOf(steps).atMs).toBeGreaterThan(360_000);
  });

  it("that fails more often goes back within seconds, at once and whole", () => {
    const steps = simulate({ plan: { canary }, fresh: { startMs: 1_000, failureRate: 0.5 } });
    expect(endOf(steps)).toMatchObject({ phase: "rolled-back", old: { ready: 3 } });
    const back = steps.find(({ decision }) => decision.state.phase === "returning");
    expect(back?.decision).toMatchObject({
      reason: { kind: "errors" },
      wants: { fresh: 0, old: 3, freshServes: false },
    });
    expect(back?.atMs).toBeLessThan(20_000);
  });

  it("that is slower goes back", () => {
    const steps = simulate({ plan: { canary }, fresh: { startMs: 1_000, p99Ms: 90 } });
    expect(kindsOf(steps)).toContain("slow");
    expect(endOf(steps).phase).toBe("rolled-back");
  });

  it("that ends by itself goes back", () => {
    const steps = simulate({ plan: { canary }, fresh: { startMs: 1_000, endsAfterMs: 100_000 } });
    expect(kindsOf(steps)).toContain("crashed");
    expect(endOf(steps)).toMatchObject({ phase: "rolled-back", old: { ready: 3 } });
  });

  it("is promoted after its time where nobody asked for anything", () => {
    const steps = simulate({ plan: { canary }, perSecond: 0 });
    expect(endOf(steps)).toMatchObject({ phase: "done", fresh: { ready: 3 } });
    expect(endOf(steps).atMs).toBeGreaterThan(canary.forMs);
  });

  it("obeys an operator at once", () => {
    const promoted = simulate({ plan: { canary }, orderAt: { atMs: 10_000, order: "promote" } });
    expect(endOf(promoted)).toMatchObject({ phase: "done" });
    expect(endOf(promoted).atMs).toBeLessThan(100_000);
    const back = simulate({ plan: { canary }, orderAt: { atMs: 10_000, order: "roll-back" } });
    expect(endOf(back)).toMatchObject({ phase: "rolled-back" });
    expect(endOf(back).atMs).toBeLessThan(15_000);
  });
});

describe("a supervisor that crashes in the middle", () => {
  it("goes on from the state it has written, whenever that was, with no moment without a ready instance", () => {
    for (let crash = 0; crash < 30_000; crash += 500) {
      const steps = simulate({ crashesAtMs: [crash, crash + 45_000] });
      expect(endOf(steps)).toMatchObject({ phase: "done", fresh: { ready: 3 }, old: { ready: 0 } });
      expect(steps.filter(({ refused }) => refused)).toEqual([]);
      expect(Math.max(...steps.map(running))).toBeLessThanOrEqual(4);
    }
  });

  it("does not hold the time it was away against a release that was starting", () => {
    const alone = { plan: { instances: 1 }, oldInstances: 1, fresh: { startMs: 40_000 } };
    expect(endOf(simulate(alone)).phase).toBe("abandoned");
    expect(endOf(simulate({ ...alone, crashesAtMs: [5_000] })).phase).toBe("done");
  });

  it("does not count ends that it does not know of any more", () => {
    const { state } = decideRollout(
      { ...begun(), batch: 1, endsBefore: 7 },
      observed({ fresh: counts({ ended: 0 }) }),
      0,
    );
    expect(decideRollout(state, observed({ fresh: counts({ ended: 3 }) }), 1_000).reason.kind).toBe("ended-at-start");
  });
});

it("comes to an end from whatever happens, and never serves from nothing", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = testRandom(seed);
    const maybe = <Value>(value: Value): Value | undefined => (random() < 0.5 ? value : undefined);
    const endsAfterMs = maybe(Math.floor(random() * 200_000) + 2_000);
    const steps = simulate({
      plan: {
        instances: 1 + Math.floor(random() * 5),
        surge: 1 + Math.floor(random() * 3),
        ...(random() < 0.5 && { canary: { share: 0.05 + random() / 2, forMs: 60_000 } }),
      },
      oldInstances: 1 + Math.floor(random() * 5),
      fresh: {
        startMs: random() * 40_000,
        failureRate: random() < 0.3 ? random() : 0,
        ...(endsAfterMs && { endsAfterMs }),
      },
      crashesAtMs: [random() * 100_000, random() * 200_000],
      random,
    });
    const { phase, fresh, old } = endOf(steps);
    const instances = steps[0]?.decision.state.plan.instances;
    if (phase === "done") expect({ fresh: fresh.ready, old: old.ready }).toEqual({ fresh: instances, old: 0 });
    else expect({ old: old.ready }).toEqual({ old: steps[0]?.old.ready });
    // A release whose instances end by themselves may be away for a moment; one that is well never is.
    if (endsAfterMs === undefined) expect(steps.filter(({ refused }) => refused)).toEqual([]);
  }
});

const counts = (known: Partial<RolloutObservation["fresh"]>) => ({
  starting: 0,
  ready: 0,
  draining: 0,
  ended: 0,
  ...known,
});
const begun = () => beginRollout(plan, 0);
function observed(known: Partial<RolloutObservation>): RolloutObservation {
  return { fresh: counts({}), old: counts({ ready: 3 }), ...known };
}
