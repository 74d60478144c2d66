import { expect, test } from "vitest";
import { Closing } from "./closing.ts";

test("what was opened last is closed first", async () => {
  const closing = new Closing();
  const order: string[] = [];
  for (const name of ["database", "bus", "http"]) closing.add(async () => void order.push(name));
  await closing.run();
  expect(order).toEqual(["http", "bus", "database"]);
});

test("a part that fails to close keeps none of the others open", async () => {
  const closing = new Closing();
  const order: string[] = [];
  closing.add(async () => void order.push("database"));
  closing.add(async () => {
    throw new Error("stuck");
  });
  await expect(closing.run()).rejects.toThrow("stuck");
  expect(order).toEqual(["database"]);
});

test("closing twice closes once", async () => {
  const closing = new Closing();
  let closed = 0;
  closing.add(async () => {
    closed += 1;
  });
  await Promise.all([closing.run(), closing.run()]);
  expect(closed).toBe(1);
});
