import { describe, expect, it } from "vitest";
import type { Random } from "../../model/clock.ts";
import { testRandom } from "../../testing/test-random.ts";
import { LeaseHolder, leaseAskEveryMs } from "./lease-holder.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import type { RateLimit } from "./rate-limit.ts";
import { type LeaseGrant, overshootMax } from "./token-lease.ts";

interface Shared {
  readonly limit: RateLimit;
  readonly processes: number;
  readonly forMs: number;
  /** Whether a request of the key comes to this process at this millisecond. */
  readonly asks: (process: number, atMs: number, random: Random) => boolean;
  /** The way to the keeper or back, in milliseconds. */
  readonly wayMs: (random: Random) => number;
  /** Processes die and come back without what they knew, on average once in so many milliseconds. */
  readonly diesEveryMs?: number;
  readonly seed: number;
}

interface Allowed {
  readonly atMs: number;
  readonly process: number;
}

/** Several processes and the one who leases, with messages that take their time, on a clock of milliseconds. */
function simulateShared({ limit, processes, forMs, asks, wayMs, diesEveryMs, seed }: Shared): readonly Allowed[] {
  const random = testRandom(seed);
  const keeper = new LeaseKeeper(limit);
  const make = () => new LeaseHolder(limit, processes);
  const holders = Array.from({ length: processes }, make);
  const events: { readonly atMs: number; readonly run: (now: number) => void }[] = [];
  const allowed: Allowed[] = [];
  for (let atMs = 1; atMs <= forMs; atMs++) {
    for (const event of events.filter((each) => each.atMs <= atMs)) event.run(atMs);
    events.splice(0, events.length, ...events.filter((each) => each.atMs > atMs));
    for (const [process, holder] of holders.entries()) {
      if (diesEveryMs !== undefined && random() < 1 / diesEveryMs) holders[process] = make();
      if (asks(process, atMs, random) && holder.take("a", atMs).allowed) allowed.push({ atMs, process });
      if (atMs % leaseAskEveryMs !== process) continue;
      const asked = holder.asks(atMs);
      if (asked.length === 0) continue;
      const keep = (now: number) => {
        const grants: readonly LeaseGrant[] = keeper.answer(asked, now);
        events.push({ atMs: now + wayMs(random), run: (then) => holder.accept(grants, then) });
      };
      events.push({ atMs: atMs + wayMs(random), run: keep });
    }
  }
  return allowed;
}

/** The most that was allowed beyond one bucket in any span of time. */
function overshoot(allowed: readonly Allowed[], limit: RateLimit): number {
  let level = 0;
  let last = 0;
  let most = 0;
  for (const { atMs } of allowed) {
    level = Math.max(0, level - ((atMs - last) * limit.perSecond) / 1_000) + 1;
    last = atMs;
    most = Math.max(most, level - limit.burst);
  }
  return most;
}

const limits: readonly RateLimit[] = [
  { perSecond: 100, burst: 200 },
  { perSecond: 10, burst: 10 },
  { perSecond: 1, burst: 1 },
  { perSecond: 500, burst: 20 },
];
const near = (random: Random) => 1 + random() * 10;
const far = (random: Random) => 1 + random() * 200;

describe("several processes that share a limit", () => {
  it("never let pass more than one bucket and what is lent on trust, in any span of time", () => {
    for (const limit of limits)
      for (const wayMs of [near, far])
        for (const processes of [1, 2, 4])
          for (const seed of [1, 2]) {
            const allowed = simulateShared({ limit, processes, forMs: 20_000, asks: () => true, wayMs, seed });
            expect(overshoot(allowed, limit)).toBeLessThanOrEqual(overshootMax(limit, processes));
          }
  });

  it("nor when requests come now and then, here and there", () => {
    for (const limit of limits)
      for (const seed of [1, 2, 3]) {
        const asks = (process: number, atMs: number, random: Random) =>
          Math.floor(atMs / 700) % 3 === process && random() < (1.5 * limit.perSecond) / 1_000;
        const allowed = simulateShared({ limit, processes: 3, forMs: 30_000, asks, wayMs: near, seed });
        expect(overshoot(allowed, limit)).toBeLessThanOrEqual(overshootMax(limit, 3));
      }
  });

  it("let one of them that is busy use nearly all of it", () => {
    for (const limit of limits.slice(0, 2)) {
      const asks = (process: number) => process === 0;
      const allowed = simulateShared({ limit, processes: 4, forMs: 60_000, asks, wayMs: near, seed: 5 });
      expect(allowed.length).toBeGreaterThan(0.95 * (limit.burst + limit.perSecond * 60));
    }
  });

  it("all get something where all ask for too much", () => {
    const limit = { perSecond: 100, burst: 100 };
    const allowed = simulateShared({ limit, processes: 4, forMs: 60_000, asks: () => true, wayMs: near, seed: 6 });
    for (let process = 0; process < 4; process++)
      expect(allowed.filter((each) => each.process === process).length).toBeGreaterThan(1_000);
  });

  it("let a client pass that keeps to the limit, wherever its requests come in", () => {
    const limit = { perSecond: 10, burst: 20 };
    let asked = 0;
    const asks = (process: number, atMs: number, random: Random) => {
      if (process === 0) chosen = Math.floor(random() * 3);
      const comes = atMs % 105 === 0 && process === chosen;
      if (comes) asked += 1;
      return comes;
    };
    let chosen = 0;
    const allowed = simulateShared({ limit, processes: 3, forMs: 60_000, asks, wayMs: near, seed: 7 });
    expect(asked).toBeGreaterThan(550);
    expect(allowed.length).toBe(asked);
  });

  it("give back what they do not need, so that the others have it", () => {
    const limit = { perSecond: 1, burst: 100 };
    const asks = (process: number, atMs: number) =>
      atMs < 300 ? process === 0 && atMs % 10 === 0 : process === 1 && atMs > 1_000;
    const allowed = simulateShared({ limit, processes: 2, forMs: 3_000, asks, wayMs: near, seed: 9 });
    expect(allowed.filter(({ atMs }) => atMs < 300).length).toBeGreaterThan(20);
    expect(allowed.length).toBeGreaterThanOrEqual(100);
  });

  it("lose at most some of the burst for a moment when one of them dies, and never the rate", () => {
    const limit = { perSecond: 100, burst: 200 };
    const busy = { limit, processes: 3, forMs: 60_000, asks: () => true, wayMs: near, seed: 8 };
    const allowed = simulateShared({ ...busy, diesEveryMs: 5_000 });
    expect(allowed.length).toBeGreaterThan(0.85 * 6_000);
  });
});

describe("a process that nobody answers", () => {
  it("keeps to its own part of the limit once it knows that it is alone", () => {
    const holder = new LeaseHolder({ perSecond: 100, burst: 100 }, 4);
    holder.setAlone(true);
    let allowed = 0;
    for (let atMs = 0; atMs < 60_000; atMs++) if (holder.take("a", atMs).allowed) allowed += 1;
    expect(allowed).toBeGreaterThan(25 * 60);
    expect(allowed).toBeLessThanOrEqual(25 * 60 + 25);
  });

  it("forgets keys whose bucket is full again, as ever", () => {
    const holder = new LeaseHolder({ perSecond: 100, burst: 100 }, 4, { keysMax: 100, crowdFactor: 10 });
    for (let client = 0; client < 100; client++) holder.take(`before-${client}`, 0);
    holder.setAlone(true);
    for (let client = 0; client < 10_000; client++) holder.take(`client-${client}`, 1_000 + client);
    expect(holder.stats()).toMatchObject({ crowded: 0, refused: 0 });
    expect(holder.asks(20_000)).toEqual([]);
  });

  it("lets only a few pass until it knows", () => {
    const holder = new LeaseHolder({ perSecond: 100, burst: 100 }, 4);
    const allowed = Array.from({ length: 50 }, () => holder.take("a", 1_000).allowed).filter(Boolean).length;
    expect(allowed).toBe(3);
    expect(holder.take("a", 1_000).retryAfterMs).toBe(leaseAskEveryMs);
  });

  it("asks nothing while nobody asks anything of it", () => {
    const holder = new LeaseHolder({ perSecond: 100, burst: 100 }, 4);
    expect(holder.asks(0)).toEqual([]);
    holder.take("a", 10);
    expect(holder.asks(50)).toEqual([{ key: "a", used: 0, borrowed: 1, held: 0, returned: 0, wanted: 0 }]);
    expect(holder.asks(100)).toEqual([]);
  });
});

it("holds no more keys than it may, on either side", () => {
  const limit = { perSecond: 1, burst: 4 };
  const few = { keysMax: 50, crowdFactor: 10 };
  const keeper = new LeaseKeeper(limit, few);
  const holder = new LeaseHolder(limit, 2, few);
  let allowed = 0;
  for (let client = 0; client < 5_000; client++) {
    if (holder.take(`client-${client}`, 1_000).allowed) allowed += 1;
    if (client % 100 === 99) holder.accept(keeper.answer(holder.asks(1_000), 1_000), 1_000);
  }
  expect(holder.stats().keys).toBeLessThanOrEqual(50);
  expect(keeper.stats().keys).toBeLessThanOrEqual(50);
  expect(holder.stats().crowded).toBeGreaterThan(4_000);
  // 49 or 50 of their own, and ten times the burst of one, with what is lent on trust.
  expect(allowed).toBeLessThanOrEqual(50 + 40 + 5);
});
