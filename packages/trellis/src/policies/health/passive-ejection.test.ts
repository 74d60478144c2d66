import { expect, test } from "vitest";
import { ejectionMsBase, ejectionMsMax, failuresInARow, forgetEveryMs } from "./limits.ts";
import { decideEjection, type EjectionState, isEjected, neverEjected, type PoolStanding } from "./passive-ejection.ts";

const many: PoolStanding = { usable: 9, suspects: 0 };

function failTimes(count: number, state = neverEjected, now = 0, pool = many): EjectionState {
  let after = state;
  for (let nth = 0; nth < count; nth++) after = decideEjection(after, true, now, pool);
  return after;
}

test("five failures in a row eject a member for half a minute", () => {
  expect(isEjected(failTimes(failuresInARow - 1), 0)).toBe(false);
  const ejected = failTimes(failuresInARow);
  expect(ejected).toEqual({ failures: 0, ejections: 1, until: ejectionMsBase });
  expect([0, ejectionMsBase - 1, ejectionMsBase].map((now) => isEjected(ejected, now))).toEqual([true, true, false]);
});

test("one good answer begins the row anew", () => {
  const better = decideEjection(failTimes(failuresInARow - 1), false, 0, many);
  expect(isEjected(failTimes(failuresInARow - 1, better), 0)).toBe(false);
});

test("good answers of a member that is well change nothing, and make nothing", () => {
  expect(decideEjection(neverEjected, false, 0, many)).toBe(neverEjected);
});

test("each time it lasts half a minute longer, at most five minutes", () => {
  let state = neverEjected;
  const lengths = Array.from({ length: 12 }, () => {
    const now = state.until;
    state = failTimes(failuresInARow, state, now);
    return (state.until - now) / ejectionMsBase;
  });
  expect(lengths).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10]);
  expect(ejectionMsMax).toBe(10 * ejectionMsBase);
});

test("of its ejections one is forgotten for every ten seconds that it goes without", () => {
  const thrice = { failures: 0, ejections: 3, until: 100_000 };
  const lengthAfter = (ms: number) => failTimes(failuresInARow, thrice, 100_000 + ms).ejections;
  expect([0, forgetEveryMs - 1, forgetEveryMs, 2 * forgetEveryMs, 60_000].map(lengthAfter)).toEqual([4, 4, 3, 2, 1]);
});

test("answers that come in while it is ejected were asked for before: they make it no longer", () => {
  const ejected = failTimes(failuresInARow);
  expect(failTimes(20, ejected, 1_000)).toBe(ejected);
});

test.each([
  { usable: 1, suspects: 0, ejects: false, why: "the only one" },
  { usable: 1, suspects: 3, ejects: false, why: "the last usable one" },
  { usable: 2, suspects: 0, ejects: true, why: "one of two" },
  { usable: 3, suspects: 0, ejects: true, why: "one of three" },
  { usable: 2, suspects: 1, ejects: false, why: "the second of three" },
  { usable: 3, suspects: 1, ejects: false, why: "the second of four: half" },
  { usable: 4, suspects: 1, ejects: true, why: "the second of five" },
])("never the last one, and never so many that the pool panics: $why", ({ usable, suspects, ejects }) => {
  const state = failTimes(failuresInARow, neverEjected, 0, { usable, suspects });
  expect(isEjected(state, 0)).toBe(ejects);
});

test("who could not be ejected is, by its next failure when others are well again", () => {
  const spared = failTimes(failuresInARow + 3, neverEjected, 0, { usable: 1, suspects: 1 });
  expect(isEjected(decideEjection(spared, true, 0, many), 0)).toBe(true);
});
