import { describe, expect, it } from "vitest";
import { decideScale } from "./decide-scale.ts";
import type { ScaleDecision, ScaleParams, ScaleSamples, ScaleState } from "./scale.ts";
import { scaleDefaults } from "./scale-defaults.ts";
import { unscaled } from "./scale-memory.ts";

const params: ScaleParams = { ...scaleDefaults, instancesMin: 1, instancesMax: 40 };
const machine = { cores: 64, memoryBytes: 64e9, memoryUsedBytes: 1e9 };

interface Told extends Partial<Omit<ScaleSamples, "instances">> {
  /** How busy each of the ready instances is; undefined: it says nothing. */
  readonly loops?: readonly (number | undefined)[];
  readonly inFlight?: number;
  readonly poolWaitMs?: number;
}

function samplesOf({ loops = [], inFlight = 0, poolWaitMs = 0, ...rest }: Told): ScaleSamples {
  const instances = loops.flatMap((loopUtilization) =>
    loopUtilization === undefined ? [] : [{ loopUtilization, inFlight, poolWaitMs, memoryBytes: 1e8 }],
  );
  return { ready: loops.length, starting: 0, waiting: 0, active: true, machine, ...rest, instances };
}

/** What is decided when it is so for `forMs`, asked every second; the clock of `state` goes on. */
function after(
  forMs: number,
  told: Told,
  with_: Partial<ScaleParams> = {},
  from: { state: ScaleState; now: number } = begin,
) {
  let { state, now } = from;
  let last: ScaleDecision | undefined;
  for (const end = now + forMs; now < end; now += 1_000) {
    last = decideScale(state, samplesOf(told), now, { ...params, ...with_ });
    state = last.state;
  }
  if (!last) throw new Error("Nothing was asked.");
  return { state, now, desired: last.desired, reason: last.reason };
}

const begin = { state: unscaled, now: 1_000_000 };
const times = <Value>(count: number, value: Value): readonly Value[] => Array.from({ length: count }, () => value);

describe("what asks for instances", () => {
  it("asks for as many as bring event loops to 60%", () => {
    const { desired, reason } = after(20_000, { loops: times(4, 0.9) });
    expect(desired).toBe(6);
    expect(reason).toEqual({
      kind: "loop-utilization",
      says: "Event loops are 90% busy, 60% is the aim: from 4 to 6.",
    });
  });

  it("sees requests under way that keep no event loop busy", () => {
    const { desired, reason } = after(20_000, { loops: times(2, 0.05), inFlight: 96 });
    expect(desired).toBe(3);
    expect(reason.kind).toBe("in-flight");
  });

  it("follows the signal that asks for more", () => {
    expect(after(20_000, { loops: times(2, 0.9), inFlight: 128 }).desired).toBe(4);
    expect(after(20_000, { loops: times(4, 0.9), inFlight: 72 }).desired).toBe(6);
  });

  it("changes nothing within a tenth of the aim", () => {
    expect(after(20_000, { loops: times(10, 0.655) })).toMatchObject({ desired: 10, reason: { kind: "steady" } });
    expect(after(20_000, { loops: times(10, 0.665) })).toMatchObject({ desired: 12 });
  });

  it("adds one at a time while requests wait for a connection to the database", () => {
    const waiting = after(70_000, { loops: times(3, 0.5), poolWaitMs: 80 });
    expect(waiting).toMatchObject({ desired: 4, reason: { kind: "pool-wait" } });
    expect(after(5_000, { loops: times(4, 0.5), poolWaitMs: 80 }, {}, waiting).desired).toBe(4);
    expect(after(16_000, { loops: times(4, 0.5), poolWaitMs: 80 }, {}, waiting).desired).toBe(5);
  });

  it("adds workers while the oldest job is too old, and takes none away while it is half as old", () => {
    const late = after(1_000, { loops: times(2, 0.1), oldestJobMs: 45_000 });
    expect(late).toMatchObject({ desired: 3, reason: { kind: "oldest-job" } });
    expect(after(400_000, { loops: times(2, 0.1), oldestJobMs: 15_000 }).desired).toBe(2);
    expect(after(400_000, { loops: times(2, 0.1), oldestJobMs: 14_000 }).desired).toBe(1);
  });

  it("takes nothing from an instance that says nothing, and gives nothing for it", () => {
    expect(after(400_000, { loops: [0.3, 0.3, undefined, undefined] })).toMatchObject({ desired: 3 });
    expect(after(20_000, { loops: [0.9, 0.9, undefined, undefined] }).desired).toBe(4);
    expect(after(20_000, { loops: [undefined, undefined] })).toMatchObject({
      desired: 2,
      reason: { kind: "no-samples" },
    });
  });
});

describe("how fast it grows and shrinks", () => {
  it("at most doubles, or adds four, in a quarter of a minute", () => {
    const from2 = after(1_000, { loops: times(2, 1), inFlight: 6_400 });
    expect(from2).toMatchObject({ desired: 6, reason: { kind: "panic", limitedBy: "up-rate" } });
    const from10 = after(1_000, { loops: times(10, 1), inFlight: 640 });
    expect(from10.desired).toBe(20);
    const stillSoon = after(10_000, { loops: times(20, 1), inFlight: 640 }, {}, from10);
    expect(stillSoon).toMatchObject({ desired: 20, reason: { kind: "up-rate" } });
    expect(after(6_000, { loops: times(20, 1), inFlight: 640 }, {}, stillSoon).desired).toBe(40);
  });

  it("shrinks only to the most that was wanted in the last five minutes", () => {
    const busy = after(60_000, { loops: times(8, 0.6) });
    const soon = after(299_000, { loops: times(8, 0.2) }, {}, busy);
    expect(soon).toMatchObject({ desired: 8, reason: { kind: "waiting-to-shrink" } });
    expect(after(90_000, { loops: times(8, 0.2) }, {}, soon)).toMatchObject({
      desired: 3,
      reason: { says: "Event loops are 20% busy, 60% is the aim: from 8 to 3." },
    });
  });

  it("takes none away for a minute after the demand has doubled within seconds", () => {
    const calm = after(400_000, { loops: times(4, 0.2), inFlight: 5 }, { instancesMin: 4 });
    const burst = after(4_000, { loops: times(4, 0.9), inFlight: 900 }, {}, calm);
    expect(burst.reason.kind).toBe("panic");
    const soon = after(50_000, { loops: times(8, 0.01) }, { downMs: 15_000 }, burst);
    expect(soon).toMatchObject({ desired: 8, reason: { kind: "panic" } });
    expect(after(30_000, { loops: times(8, 0.01) }, { downMs: 15_000 }, soon).desired).toBe(1);
  });

  it("takes none away while answers are slow, and adds none for it", () => {
    const slow = after(500_000, { loops: times(4, 0.1), p99Ms: 3_000 });
    expect(slow).toMatchObject({ desired: 4, reason: { kind: "latency-guard" } });
    expect(after(2_000, { loops: times(4, 0.1), p99Ms: 30 }, {}, slow).desired).toBe(1);
  });
});

describe("rest", () => {
  const mayRest = { instancesMin: 0 };

  it("comes to rest after a minute of silence and half a minute of grace, not before", () => {
    const busy = after(10_000, { loops: [0.3, 0.3] }, mayRest);
    const silent = after(89_000, { loops: [0, 0], active: false }, mayRest, busy);
    expect(silent).toMatchObject({ desired: 2, reason: { kind: "waiting-to-rest" } });
    expect(after(1_000, { loops: [0, 0], active: false }, mayRest, silent)).toMatchObject({
      desired: 0,
      reason: { kind: "idle", says: "Nothing to do for 90 s: from 2 to 0." },
    });
  });

  it("never rests while a single request is under way, however long", () => {
    expect(after(600_000, { loops: [0], inFlight: 1, active: false }, mayRest).desired).toBe(1);
  });

  it("keeps the minimum through any silence", () => {
    expect(after(600_000, { loops: [0, 0], active: false }, { instancesMin: 2 })).toMatchObject({
      desired: 2,
      reason: { kind: "minimum" },
    });
  });

  it("wakes at once, with as many as the waiting ones need", () => {
    const atRest = after(10_000, { loops: [], active: false }, mayRest);
    expect(atRest.desired).toBe(0);
    expect(after(1_000, { loops: [], waiting: 1 }, mayRest, atRest)).toMatchObject({
      desired: 1,
      reason: { kind: "woken", says: "1 wait while none runs: from 0 to 1." },
    });
    expect(after(1_000, { loops: [], waiting: 200 }, mayRest, atRest).desired).toBe(4);
    expect(after(1_000, { loops: [], active: false, oldestJobMs: 10 }, mayRest, atRest).desired).toBe(1);
  });

  it("starts what the minimum asks for when none runs", () => {
    expect(after(1_000, { loops: [], active: false }, { instancesMin: 3 }).desired).toBe(3);
  });
});

describe("bounds", () => {
  it("never goes over the maximum or under the minimum, also when they have just changed", () => {
    expect(after(20_000, { loops: times(4, 1) }, { instancesMax: 5 })).toMatchObject({
      desired: 5,
      reason: { limitedBy: "maximum" },
    });
    expect(after(1_000, { loops: times(8, 0.6) }, { instancesMax: 3 }).desired).toBe(3);
    expect(after(1_000, { loops: times(2, 0.6) }, { instancesMin: 6 }).desired).toBe(6);
  });

  it("starts no more than nine tenths of the memory hold", () => {
    const tight = { cores: 64, memoryBytes: 2e9, memoryUsedBytes: 1.65e9 };
    expect(after(20_000, { loops: times(4, 1), machine: tight })).toMatchObject({
      desired: 5,
      reason: { limitedBy: "memory" },
    });
    const full = { ...tight, memoryUsedBytes: 1.95e9 };
    expect(after(20_000, { loops: times(4, 1), machine: full })).toMatchObject({
      desired: 4,
      reason: { kind: "memory" },
    });
  });

  it("starts no more than two for each core, and takes none away for it", () => {
    const small = { ...machine, cores: 2 };
    expect(after(20_000, { loops: times(3, 1), machine: small }).desired).toBe(4);
    expect(after(20_000, { loops: times(6, 0.6), machine: small }).desired).toBe(6);
  });
});

it("remembers as plain data, and little of it", () => {
  const { state, now } = after(900_000, { loops: times(4, 0.5) });
  expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  expect(state.demand.length).toBeLessThanOrEqual(60);
  expect(state.wanted.length).toBeLessThanOrEqual(16);
  const kept = decideScale(JSON.parse(JSON.stringify(state)), samplesOf({ loops: times(4, 0.5) }), now, params);
  expect(kept).toEqual(decideScale(state, samplesOf({ loops: times(4, 0.5) }), now, params));
});

it("goes on when the clock is set back by an hour", () => {
  const busy = after(60_000, { loops: times(2, 0.5) });
  const back = { state: busy.state, now: busy.now - 3_600_000 };
  expect(after(20_000, { loops: times(2, 1) }, {}, back).desired).toBe(4);
});
