import { describe, expect, it } from "vitest";
import { testRandom } from "../testing/test-random.ts";
import { Bulkhead } from "./bulkhead.ts";
import type { Ticket } from "./deadline-queue.ts";

describe("a bulkhead", () => {
  it("lets so many enter at once, and so many wait", () => {
    const bulkhead = new Bulkhead<string>({ concurrencyMax: 2, queueMax: 1 });
    expect([bulkhead.tryEnter(), bulkhead.tryEnter(), bulkhead.tryEnter()]).toEqual([true, true, false]);
    expect(bulkhead.wait("a", 100, 0)).toBeDefined();
    expect(bulkhead.wait("b", 100, 0)).toBeUndefined();
    expect({ running: bulkhead.running, waiting: bulkhead.waiting }).toEqual({ running: 2, waiting: 1 });
  });

  it("gives a place that becomes free to the one that has waited the longest, never to a newcomer", () => {
    const bulkhead = new Bulkhead<string>({ concurrencyMax: 1, queueMax: 10 });
    bulkhead.tryEnter();
    bulkhead.wait("a", 100, 0);
    bulkhead.wait("b", 100, 0);
    expect(bulkhead.leave(50)).toBe("a");
    expect(bulkhead.tryEnter()).toBe(false);
    expect(bulkhead.leave(50)).toBe("b");
    expect(bulkhead.leave(50)).toBeUndefined();
    expect(bulkhead.tryEnter()).toBe(true);
  });

  it("gives no place to one that is late", () => {
    const bulkhead = new Bulkhead<string>({ concurrencyMax: 1, queueMax: 10 });
    bulkhead.tryEnter();
    bulkhead.wait("late", 10, 0);
    expect(bulkhead.nextDeadline).toBe(10);
    expect(bulkhead.leave(10)).toBeUndefined();
    expect(bulkhead.takeLate(10)).toEqual(["late"]);
    expect(bulkhead.running).toBe(0);
  });

  it("tells one that goes away whether it has a place by now", () => {
    const bulkhead = new Bulkhead<string>({ concurrencyMax: 1, queueMax: 10 });
    bulkhead.tryEnter();
    const [first, second] = ["a", "b"].map((name) => bulkhead.wait(name, 100, 0)) as Ticket<string>[];
    bulkhead.leave(1);
    expect(bulkhead.abandon(first as Ticket<string>)).toBe(false);
    expect(bulkhead.abandon(second as Ticket<string>)).toBe(true);
  });

  it("can be widened, which lets some go, and narrowed, which ends nobody", () => {
    const bulkhead = new Bulkhead<string>({ concurrencyMax: 1, queueMax: 10 });
    bulkhead.tryEnter();
    for (const name of ["a", "b", "c"]) bulkhead.wait(name, 100, 0);
    expect(bulkhead.resize(3, 0)).toEqual(["a", "b"]);
    expect(bulkhead.resize(1, 0)).toEqual([]);
    expect([bulkhead.leave(0), bulkhead.leave(0), bulkhead.leave(0)]).toEqual([undefined, undefined, "c"]);
  });
});

it("keeps a simulated slow service from taking more than its part, and the quick one from waiting for it", () => {
  const random = testRandom(1);
  const services = {
    slow: {
      bulkhead: new Bulkhead<number>({ concurrencyMax: 50, queueMax: 100 }),
      tookMs: 5_000,
      ends: [] as number[],
    },
    quick: { bulkhead: new Bulkhead<number>({ concurrencyMax: 50, queueMax: 100 }), tookMs: 20, ends: [] as number[] },
  };
  const refused = { slow: 0, quick: 0 };
  let mostSlow = 0;
  for (let now = 0; now < 60_000; now++) {
    for (const [name, service] of Object.entries(services) as ["slow" | "quick", typeof services.slow][]) {
      const { bulkhead, tookMs } = service;
      const over = service.ends.filter((end) => end <= now).length;
      service.ends = service.ends.filter((end) => end > now);
      for (let nth = 0; nth < over; nth++) if (bulkhead.leave(now) !== undefined) service.ends.push(now + tookMs);
      bulkhead.takeLate(now);
      if (random() > 0.3) continue;
      if (bulkhead.tryEnter()) service.ends.push(now + tookMs);
      else if (!bulkhead.wait(now, now + 1_000, now)) refused[name] += 1;
    }
    mostSlow = Math.max(mostSlow, services.slow.ends.length);
  }
  expect(mostSlow).toBe(50);
  expect(refused.slow).toBeGreaterThan(1_000);
  expect(refused.quick).toBe(0);
});
