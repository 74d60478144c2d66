import { expect, test } from "vitest";
import type { GatewayFigures } from "../gateway/port.ts";
import type { Log } from "../model/log.ts";
import { beginRollout, decideRollout } from "../policies/rollout/decide-rollout.ts";
import { settled, type TestClock, testClock } from "../testing/test-clock.ts";
import { Fleet } from "./fleet.ts";
import type { InstanceListener } from "./instance-process.ts";
import type { PlaceStart } from "./place.ts";
import { ReleaseBook } from "./release-book.ts";
import { Rollouts } from "./rollouts.ts";
import { InstanceCounts } from "./scaling/instance-counts.ts";
import { noState, type ReleaseRecord, type SupervisorState } from "./state.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {} } as Partial<Log> as Log;
const web = { name: "web", role: "web", instances: 2, answers: true, services: ["notes"] } as const;
const shape = { services: ["notes"], home: "notes", groups: [web as never] };
const first: ReleaseRecord = { number: 1, at: 0, from: "here", config: "/1", copied: true, state: "serving", shape };
const second = { number: 2, from: "there", config: "/2", copied: true, shape };

class Started {
  readonly start: PlaceStart;
  readonly pid: number;
  readonly #listener: InstanceListener;

  constructor(start: PlaceStart, pid: number, listener: InstanceListener) {
    this.start = start;
    this.pid = pid;
    this.#listener = listener;
  }

  becomesReady(): void {
    this.#listener.ready({ privateUrl: "" });
  }

  ends(says = "exit code 1"): void {
    this.#listener.ended({ says });
  }
}

interface Ground {
  readonly clock: TestClock;
  readonly before?: SupervisorState;
}

/** What would be processes, in the order of their starts. */
function processes() {
  const started: Started[] = [];
  const start = (place: PlaceStart, listener: InstanceListener) => {
    const process = new Started(place, 100 + started.length, listener);
    started.push(process);
    return { pid: process.pid, drain: () => process.ends("exit code 0"), kill: () => process.ends("signal SIGKILL") };
  };
  return { started, start };
}

function ground({ clock, before = { ...noState, releases: [first], current: 1 } }: Ground) {
  const { started, start } = processes();
  const steps: string[] = [];
  let figures: readonly GatewayFigures[] = [];
  let serial = 0;
  const fleet: Fleet = new Fleet({
    start,
    clock,
    log,
    random: () => 0.5,
    startTimeoutMs: 30_000,
    stopTimeoutMs: 20_000,
    drainMs: 20_000,
    nextSerial: () => (serial += 1),
    socketFor: (id) => `/run/${id}`,
    // Like a gateway: it tells of nobody that it was not told of.
    gateways: () => [{ apply: async () => undefined, drained: async (ids: readonly string[]) => told(ids) } as never],
    routes: () => ({ shape, paused: [], ...(rollouts?.share ? { canary: rollouts.share } : {}) }),
    onChange: () => rollouts?.changed(),
    onEvent: () => undefined,
  });
  const book = new ReleaseBook(before.releases, before.current, () => undefined);
  const counts = new InstanceCounts(before);
  const rollouts: Rollouts | undefined = new Rollouts(
    {
      fleet,
      book,
      counts,
      clock,
      begin: beginRollout,
      decide: decideRollout,
      figures: () => figures,
      startTimeoutMs: 30_000,
      soakMs: 10_000,
      onChange: () => undefined,
    },
    before.rollout,
  );
  const table = () => fleet.table().pools[0];
  const told = (ids: readonly string[]) =>
    ids.every((id) => (table()?.upstreams ?? []).some((upstream) => upstream.id === id))
      ? undefined
      : new Promise<void>(() => undefined);
  return {
    clock,
    fleet,
    book,
    rollouts,
    started,
    steps,
    onStep: ({ says }: { readonly says: string }) => void steps.push(says),
    of: (release: number) => started.filter((process) => process.start.release === release),
    /** The releases whose instances get requests. */
    asked: () => [
      ...new Set((table()?.upstreams ?? []).filter(({ draining }) => !draining).map(({ release }) => release)),
    ],
    share: () => table()?.canary?.share,
    tell: (...counted: readonly { release: number; requests: number; failures: number }[]) => {
      const upstreams = counted.map((each) => ({ upstream: `${each.release}`, pending: 0, usable: true, ...each }));
      figures = [{ upstreams, services: [] } as unknown as GatewayFigures];
    },
  };
}

/** The first release serves. */
async function serving(how: Ground) {
  const all = ground(how);
  await all.fleet.serve(1, true);
  for (const place of [1, 2]) all.fleet.open({ pool: "web", role: "web", number: place, release: 1, answers: true });
  for (const process of all.of(1)) process.becomesReady();
  await settled();
  return all;
}

async function pass(clock: TestClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) await clock.advance(250);
}

test("a release gets no request before every one of its instances is ready, and then all of them", async () => {
  const all = await serving({ clock: testClock() });
  const end = all.rollouts.roll(second, { onStep: all.onStep }, "replaced");
  await settled();
  all.of(2)[0]?.becomesReady();
  await pass(all.clock, 1_000);
  expect(all.asked()).toEqual([1]);
  all.of(2)[1]?.becomesReady();
  await pass(all.clock, 1_000);
  expect(all.asked()).toEqual([2]);
  expect(all.book.current?.number).toBe(2);
  await pass(all.clock, 11_000);
  expect(await end).toMatchObject({ number: 2, state: "serving" });
  expect(all.book.records[0]).toMatchObject({ number: 1, state: "replaced" });
  expect(all.rollouts.written).toBeUndefined();
});

test("one that never becomes ready never gets a request, and the one before goes on", async () => {
  const all = await serving({ clock: testClock() });
  const end = all.rollouts.roll(second, { onStep: all.onStep }, "replaced");
  await settled();
  all.of(2)[0]?.becomesReady();
  all.of(2)[1]?.ends("exit code 7");
  await pass(all.clock, 1_000);
  expect(await end).toMatchObject({ state: "failed", because: expect.stringContaining("exit code 7") });
  // The one that was ready is gone, too: nobody ever asked it, so nobody is waited for.
  expect(all.fleet.places(2)).toEqual([]);
  expect(all.asked()).toEqual([1]);
  expect(all.book.current?.number).toBe(1);
});

test("a crash soon after it serves alone brings the one before back, started anew", async () => {
  const all = await serving({ clock: testClock() });
  const end = all.rollouts.roll(second, { onStep: all.onStep }, "replaced");
  await settled();
  for (const process of all.of(2)) process.becomesReady();
  await pass(all.clock, 1_000);
  expect(all.asked()).toEqual([2]);
  all.of(2)[0]?.ends();
  await pass(all.clock, 500);
  for (const process of all.of(1).slice(2)) process.becomesReady();
  await pass(all.clock, 2_000);
  expect(await end).toMatchObject({ state: "rolled-back", because: expect.stringContaining("ended by itself") });
  expect(all.asked()).toEqual([1]);
  expect(all.book.current).toMatchObject({ number: 1, state: "serving" });
});

/** A supervisor that comes after: it has adopted whatever was ready, as the same processes. */
async function successor(earlier: Awaited<ReturnType<typeof serving>>, cut: Promise<ReleaseRecord>) {
  const { book, rollouts, fleet, clock } = earlier;
  const refused = expect(cut).rejects.toMatchObject({ code: "unavailable" });
  rollouts.stop();
  await refused;
  await settled();
  const rollout = structuredClone(rollouts.written);
  const state: SupervisorState = {
    ...noState,
    releases: structuredClone(book.records),
    ...(book.current ? { current: book.current.number } : {}),
    ...(rollout ? { rollout } : {}),
  };
  const next = ground({ clock, before: state });
  for (const record of fleet.records.filter(({ facts }) => facts !== undefined)) {
    const { pool, role, number, release, answers } = record;
    next.fleet.open({ pool, role, number, release, answers });
    next.started.at(-1)?.becomesReady();
  }
  return next;
}

test("a later supervisor goes on in the middle: what was ready is not started again, what was not is", async () => {
  const all = await serving({ clock: testClock() });
  const cut = all.rollouts.roll(second, { onStep: all.onStep }, "replaced");
  await settled();
  all.of(2)[0]?.becomesReady();
  await pass(all.clock, 500);
  const next = await successor(all, cut);
  const end = next.rollouts.resume(next.onStep);
  // At once, before anything else is awaited: a gateway that is reached now must not lose anyone.
  expect(next.asked()).toEqual([1]);
  expect(next.steps).toEqual([
    expect.stringMatching(/^Another supervisor goes on with it\. 0 of 2 new ones are ready\./),
  ]);
  await pass(next.clock, 500);
  expect(next.rollouts.written).toMatchObject({ resumed: 1, says: expect.stringContaining("1 of 2") });
  expect(next.of(2)).toHaveLength(2);
  next.of(2)[1]?.becomesReady();
  await pass(next.clock, 12_000);
  expect(await end).toMatchObject({ number: 2, state: "serving" });
  expect(next.asked()).toEqual([2]);
});

test("a canary that goes on keeps its share at once, and is judged by all that it got since it began", async () => {
  const all = await serving({ clock: testClock() });
  const canary = { share: 0.1, forMs: 60_000 };
  all.tell({ release: 1, requests: 9_000, failures: 900 });
  const cut = all.rollouts.roll(second, { canary, onStep: all.onStep }, "replaced");
  await settled();
  for (const process of all.of(2)) process.becomesReady();
  await pass(all.clock, 20_000);
  expect([all.asked(), all.share()]).toEqual([[1, 2], 0.1]);
  const next = await successor(all, cut);
  const end = next.rollouts.resume(next.onStep);
  expect([next.asked(), next.share()]).toEqual([[1, 2], 0.1]);
  // Nothing is known before a gateway is reached: that is no verdict.
  await pass(next.clock, 5_000);
  expect(next.book.records[1]).toMatchObject({ state: "canary" });
  // The failures of the time before the canary are no excuse for it.
  next.tell({ release: 1, requests: 9_900, failures: 900 }, { release: 2, requests: 100, failures: 50 });
  await pass(next.clock, 2_000);
  expect(await end).toMatchObject({ state: "rolled-back", because: expect.stringContaining("50 of 100 requests") });
  expect(next.asked()).toEqual([1]);
});

test("a canary that nobody asks is promoted at the end of its time, and the reason says that", async () => {
  const all = await serving({ clock: testClock() });
  const end = all.rollouts.roll(second, { canary: { share: 0.5, forMs: 5_000 }, onStep: all.onStep }, "replaced");
  await settled();
  all.tell({ release: 1, requests: 0, failures: 0 });
  for (const process of all.of(2)) process.becomesReady();
  await pass(all.clock, 6_000);
  for (const process of all.of(2)) if (all.of(2).indexOf(process) > 0) process.becomesReady();
  await pass(all.clock, 12_000);
  expect(await end).toMatchObject({ state: "serving", because: expect.stringContaining("Nobody asked it") });
});
