import { expect, test } from "vitest";
import { partitionOf } from "./partition-of.ts";
import { partitionsOf } from "./postgres/partitions-of.ts";

test("a key goes to the same partition for ever", () => {
  expect(["", "a", "b", "launch", "Zürich", "k17"].map((key) => partitionOf(key, 4))).toEqual([3, 3, 2, 1, 0, 2]);
});

test("keys that differ in little are spread evenly", () => {
  for (const partitions of [2, 3, 4, 16]) {
    const counts = Array.from({ length: partitions }, () => 0);
    for (let index = 0; index < 16_000; index += 1) {
      const partition = partitionOf(`link-${index}`, partitions);
      counts[partition] = (counts[partition] ?? 0) + 1;
    }
    for (const count of counts) expect(count / (16_000 / partitions)).toBeCloseTo(1, 0.9);
  }
});

test("members share all partitions, each given to one of them, whatever order they are known in", () => {
  for (const members of [["a"], ["a", "b"], ["c", "a", "b"], ["e", "d", "c", "b", "a"]]) {
    const shares = members.map((member) => partitionsOf(member, members, 4));
    expect(shares.flat().sort()).toEqual([0, 1, 2, 3]);
    expect(members.map((member) => partitionsOf(member, members.toReversed(), 4))).toEqual(shares);
  }
  expect(partitionsOf("stranger", ["a", "b"], 4)).toEqual([]);
});
