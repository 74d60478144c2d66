import { expect, test } from "vitest";
import { settled } from "../../../testing/test-clock.ts";
import { Appender } from "./appender.ts";

const record = (key: string) => ({ key, body: "1" });

function appender() {
  const sent: string[][] = [];
  const ends: PromiseWithResolvers<void>[] = [];
  const made = new Appender((records) => {
    sent.push(records.map(({ key }) => key));
    const end = Promise.withResolvers<void>();
    ends.push(end);
    return end.promise;
  });
  return { made, sent, ends };
}

test("what comes while one statement runs goes into the next one together, in order", async () => {
  const { made, sent, ends } = appender();
  const first = made.append([record("a")]);
  const others = Promise.all([made.append([record("b"), record("c")]), made.append([record("d")])]);
  expect(sent).toEqual([["a"]]);
  ends[0]?.resolve();
  await first;
  await settled();
  expect(sent).toEqual([["a"], ["b", "c", "d"]]);
  ends[1]?.resolve();
  await others;
});

test("a failure reaches those whose events it was, and no others", async () => {
  const { made, ends } = appender();
  const first = made.append([record("a")]);
  const second = made.append([record("b")]);
  ends[0]?.reject(new RangeError("full"));
  await expect(first).rejects.toThrow("full");
  await settled();
  ends[1]?.resolve();
  await expect(second).resolves.toBeUndefined();
});

test("a statement is bounded; the events of one call stay together", async () => {
  const { made, sent, ends } = appender();
  const all = [made.append([record("first")])];
  const many = Array.from({ length: 3_000 }, (_, index) => record(String(index)));
  all.push(made.append(many), made.append(many), made.append([...many, ...many]));
  for (let turn = 0; turn < 4; turn += 1) {
    ends[turn]?.resolve();
    await settled();
  }
  await Promise.all(all);
  expect(sent.map(({ length }) => length)).toEqual([1, 3_000, 3_000, 6_000]);
});
