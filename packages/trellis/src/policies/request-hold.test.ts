import { describe, expect, it } from "vitest";
import type { Ticket } from "./deadline-queue.ts";
import { RequestHold } from "./request-hold.ts";

const hold = () => new RequestHold<number>({ requestsMax: 1_000, waitMsMax: 30_000 });

describe("while no instance is ready", () => {
  it("a thousand wait and one more does not", () => {
    const held = hold();
    expect(held.passes(0)).toBe(false);
    const tickets = Array.from({ length: 1_001 }, (_, nth) => held.hold(nth, 60_000, 0));
    expect(tickets.filter((ticket) => ticket !== undefined).length).toBe(1_000);
    expect(held.status(500)).toEqual({ held: 1_000, because: "no instance is ready", oldestMs: 500 });
  });

  it("all of them go, first come first served, once one is", () => {
    const held = hold();
    for (let nth = 0; nth < 1_000; nth++) held.hold(nth, 60_000, nth);
    expect(held.release(10, 1_500)).toEqual([]);
    held.setReady(1);
    expect(held.passes(1_500)).toBe(false);
    expect(held.release(3, 1_500)).toEqual([0, 1, 2]);
    expect(held.release(10_000, 1_500).length).toBe(997);
    expect(held.passes(1_500)).toBe(true);
    expect(held.status(1_500)).toEqual({ held: 0 });
  });

  it("none waits longer than half a minute, or than it wants to", () => {
    const held = hold();
    held.hold(1, 100_000, 0);
    held.hold(2, 5_000, 0);
    expect(held.nextAt(0)).toBe(5_000);
    expect(held.takeLate(5_000)).toEqual([2]);
    expect(held.nextAt(5_000)).toBe(30_000);
    held.setReady(1);
    expect(held.release(10, 30_000)).toEqual([]);
    expect(held.takeLate(30_000)).toEqual([1]);
    expect(held.nextAt(30_000)).toBeUndefined();
  });

  it("one that goes away is not held any more", () => {
    const held = hold();
    const ticket = held.hold(1, 5_000, 0) as Ticket<number>;
    expect(held.abandon(ticket)).toBe(true);
    expect(held.status(0).held).toBe(0);
  });
});

describe("while it is paused", () => {
  it("requests wait although instances are ready, and go when it is resumed", () => {
    const held = hold();
    held.setReady(2);
    expect(held.passes(0)).toBe(true);
    held.pauseUntil(20_000);
    expect(held.passes(0)).toBe(false);
    held.hold(1, 60_000, 0);
    expect(held.status(0)).toEqual({ held: 1, because: "paused", oldestMs: 0 });
    expect(held.release(10, 100)).toEqual([]);
    held.resume();
    expect(held.release(10, 100)).toEqual([1]);
    expect(held.passes(100)).toBe(true);
  });

  it("it ends by itself, whoever forgot it", () => {
    const held = hold();
    held.setReady(1);
    held.pauseUntil(20_000);
    held.hold(1, 60_000, 0);
    expect(held.nextAt(0)).toBe(20_000);
    expect(held.release(10, 20_000)).toEqual([1]);
  });
});
