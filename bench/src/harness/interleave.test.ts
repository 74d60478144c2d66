import { expect, it } from "vitest";
import { interleave } from "./interleave.ts";

it("measures every side once a round, each round beginning with another", async () => {
  const order: string[] = [];
  let measured = 0;
  const samples = await interleave({
    sides: { a: "a", b: "b", c: "c" },
    rounds: 4,
    measure: async (_, name) => {
      order.push(name);
      measured += 1;
      return measured;
    },
    progress: () => {},
  });
  expect(order.join("")).toBe("abc" + "bca" + "cab" + "abc");
  expect(samples).toEqual({ a: [1, 6, 8, 10], b: [2, 4, 9, 11], c: [3, 5, 7, 12] });
});
