import { expect, test } from "vitest";
import { decideRestart, neverStarted, type RestartState, steadyMs } from "./restart.ts";

const longest = () => 1 - Number.EPSILON;

/** The waits before each restart of a process that ends `livedMs` after it became ready, again and again. */
function waits(crashes: number, livedMs: number): readonly (number | undefined)[] {
  let state: RestartState = neverStarted;
  let now = 0;
  return Array.from({ length: crashes }, () => {
    state = decideRestart(state, "ready", now, longest).state;
    now += livedMs;
    const decision = decideRestart(state, "ended", now, longest);
    state = decision.state;
    return decision.restartInMs;
  });
}

test("a process that keeps ending is started ever later, up to half a minute, and never given up", () => {
  expect(waits(10, 1_000)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test("a process that was well for a minute is started again soon", () => {
  expect(waits(3, steadyMs)).toEqual([250, 250, 250]);
  expect(waits(3, steadyMs - 1)).toEqual([250, 500, 1_000]);
});

test("a process that never becomes ready counts as failing each time", () => {
  const first = decideRestart(neverStarted, "ended", 0, longest);
  const second = decideRestart(first.state, "ended", 10 * steadyMs, longest);
  expect(second).toEqual({ state: { failures: 2 }, restartInMs: 500 });
});

test("becoming ready asks for nothing", () => {
  expect(decideRestart({ failures: 3 }, "ready", 7, longest)).toEqual({ state: { failures: 3, readyAt: 7 } });
});
