import { describe, expect, it } from "vitest";
import { testClock } from "./test-clock.ts";

describe("the test clock", () => {
  it("stands still until it is told to move", async () => {
    const clock = testClock(1_000);
    expect(clock.now()).toBe(1_000);
    await clock.advance(250);
    expect(clock.now()).toBe(1_250);
  });

  it("runs due timers in their order, each at its own time", async () => {
    const clock = testClock(0);
    const ran: [string, number][] = [];
    const note = (name: string) => () => void ran.push([name, clock.now()]);
    clock.after(30, note("c"));
    clock.after(10, note("a"));
    clock.after(10, note("b"));
    clock.after(31, note("too late"));
    await clock.advance(30);
    expect(ran).toEqual([
      ["a", 10],
      ["b", 10],
      ["c", 30],
    ]);
    expect(clock.pending).toBe(1);
  });

  it("runs timers that are set on the way, also after promises", async () => {
    const clock = testClock(0);
    const ran: number[] = [];
    const again = async (): Promise<void> => {
      ran.push(clock.now());
      await Promise.resolve();
      await Promise.resolve();
      clock.after(10, () => void again());
    };
    clock.after(10, () => void again());
    await clock.advance(35);
    expect(ran).toEqual([10, 20, 30]);
  });

  it("does not run what was cancelled", async () => {
    const clock = testClock();
    let ran = false;
    const timer = clock.after(5, () => {
      ran = true;
    });
    clock.after(4, () => timer.cancel());
    await clock.advance(10);
    expect(ran).toBe(false);
    expect(clock.pending).toBe(0);
  });
});
