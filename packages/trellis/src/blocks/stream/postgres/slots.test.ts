import { expect, test } from "vitest";
import { settled } from "../../../testing/test-clock.ts";
import { Slots } from "./slots.ts";

/** Begins work in `slots` that ends, or gives its place up, when it is told to. */
function begin(slots: Slots, began: string[], name: string) {
  const end = Promise.withResolvers<void>();
  let giveUp = (): void => undefined;
  const whole = slots.run(async (give) => {
    giveUp = give;
    began.push(name);
    await end.promise;
  });
  return { giveUp: () => giveUp(), end: end.resolve, fail: end.reject, whole };
}

test("a few run at once, the others in the order in which they came", async () => {
  const began: string[] = [];
  const slots = new Slots(2);
  const [a, b] = ["a", "b", "c", "d"].map((name) => begin(slots, began, name));
  await settled();
  expect(began).toEqual(["a", "b"]);
  b?.end();
  await settled();
  expect(began).toEqual(["a", "b", "c"]);
  a?.fail(new RangeError("no"));
  await expect(a?.whole).rejects.toThrow("no");
  await settled();
  expect(began).toEqual(["a", "b", "c", "d"]);
});

test("a place that is given up early is free once", async () => {
  const began: string[] = [];
  const slots = new Slots(1);
  const [a] = ["a", "b", "c"].map((name) => begin(slots, began, name));
  await settled();
  a?.giveUp();
  a?.giveUp();
  await settled();
  expect(began).toEqual(["a", "b"]);
  a?.end();
  await a?.whole;
  await settled();
  expect(began).toEqual(["a", "b"]);
});
