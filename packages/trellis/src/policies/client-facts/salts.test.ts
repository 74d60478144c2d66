import { expect, test } from "vitest";
import { type SaltSource, Salts } from "./salts.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** A source that is asked by hand: `asked` days wait until `answer` or `fail` is called. */
function source() {
  const asked: number[] = [];
  const waiting: { answer: () => void; fail: () => void }[] = [];
  const salts: SaltSource = {
    saltOf: (day) => {
      asked.push(day);
      return new Promise((resolve, reject) => {
        waiting.push({
          answer: () => resolve(new Uint8Array(32).fill(day & 0xff)),
          fail: () => reject(new Error("away")),
        });
      });
    },
  };
  const settle = async (how: "answer" | "fail"): Promise<void> => {
    for (const one of waiting.splice(0)) one[how]();
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { asked, salts: new Salts(salts), answer: () => settle("answer"), fail: () => settle("fail") };
}

test("a day's salt is fetched once, and nobody waits for it", async () => {
  const { asked, salts, answer } = source();
  expect([salts.at(0), salts.at(1), salts.at(2)]).toEqual([undefined, undefined, undefined]);
  await answer();
  expect(salts.at(3)).toBeDefined();
  expect(salts.at(dayMs / 2)).toBe(salts.at(3));
  expect(asked).toEqual([0]);
});

test("the next day's is there at midnight where anything was asked in the hour before", async () => {
  const { asked, salts, answer } = source();
  salts.at(0);
  await answer();
  salts.at(dayMs - hourMs - 1);
  expect(asked).toEqual([0]);
  salts.at(dayMs - hourMs);
  expect(asked).toEqual([0, 1]);
  await answer();
  expect(salts.at(dayMs)).toBeDefined();
  expect(salts.at(dayMs)).not.toBe(salts.at(dayMs - 1));
});

test("a source that fails is left alone for a second, then asked again", async () => {
  const { asked, salts, fail, answer } = source();
  salts.at(0);
  await fail();
  salts.at(999);
  expect(asked).toEqual([0]);
  salts.at(1_000);
  await answer();
  expect(asked).toEqual([0, 0]);
  expect(salts.at(1_001)).toBeDefined();
});

test("preparing waits for the day that is asked for, also behind another one, and never fails", async () => {
  const { asked, salts, answer, fail } = source();
  salts.at(0);
  const ready = salts.prepare(dayMs);
  await answer();
  await answer();
  await ready;
  expect(asked).toEqual([0, 1]);
  expect(salts.at(dayMs)).toBeDefined();
  const failed = salts.prepare(5 * dayMs);
  await fail();
  await failed;
  expect(salts.at(5 * dayMs)).toBeUndefined();
});

test("no salt is remembered beyond the days beside the newest", async () => {
  const { asked, salts, answer } = source();
  for (const day of [0, 1, 2]) {
    salts.at(day * dayMs);
    await answer();
  }
  expect(salts.at(dayMs)).toBeDefined();
  expect(salts.at(0)).toBeUndefined();
  expect(asked).toEqual([0, 1, 2, 0]);
});
