import { expect, test } from "vitest";
import { halfSipHash } from "./half-sip-hash.ts";

const key = [0x03020100, 0x07060504] as const;

/** The bytes 0, 1, 2, … as words, and what comes of the first `count` of them. */
function hashed(count: number): string {
  const words = new Int32Array(Uint8Array.from({ length: 64 }, (_, index) => index).buffer);
  const into = new Uint32Array(2);
  halfSipHash(...key, words, count, into);
  return Buffer.from(into.buffer).toString("hex");
}

test("the reference's own vectors, of bytes 0, 1, 2, … under the key 0 to 7", () => {
  const vectors = ["218d1f59b9b83cc8", "d5e78a175be52ea1", "edfee820bce4858c", "7bc71f9faef5c799", "7336aad25f7bf3b5"];
  expect(vectors.map((_, count) => hashed(count))).toEqual(vectors);
});

test("words beyond the count make no difference", () => {
  const [short, long] = [new Uint32Array(2), new Uint32Array(2)];
  halfSipHash(...key, Int32Array.of(7), 1, short);
  halfSipHash(...key, Int32Array.of(7, 8, 9), 1, long);
  expect(long).toEqual(short);
});
