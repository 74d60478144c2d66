import { expect, test } from "vitest";
import { halfSipHash } from "./half-sip-hash.ts";

/** What an implementation written for this test alone, after the paper and for any length, gives for 4-byte messages. */
function slowHalfSipHash(key: Uint8Array, message: Uint8Array): number {
  const word = (bytes: Uint8Array, at: number) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
  const [k0, k1] = [word(key, 0), word(key, 4)];
  const v = Uint32Array.of(k0, k1, 0x6c796765 ^ k0, 0x74656462 ^ k1);
  const at = (index: number) => v[index] ?? 0;
  const rotate = (index: number, bits: number) => {
    v[index] = (at(index) << bits) | (at(index) >>> (32 - bits));
  };
  const add = (to: number, from: number) => {
    v[to] = at(to) + at(from);
  };
  const xor = (to: number, from: number) => {
    v[to] = at(to) ^ at(from);
  };
  const halfRound = (a: number, b: number, c: number, d: number, bitsB: number, bitsD: number, last: number) => {
    add(a, b);
    add(c, d);
    rotate(b, bitsB);
    rotate(d, bitsD);
    xor(b, a);
    xor(d, c);
    rotate(last, 16);
  };
  const sipRounds = (count: number) => {
    for (let round = 0; round < count; round++) {
      halfRound(0, 1, 2, 3, 5, 8, 0);
      halfRound(2, 1, 0, 3, 13, 7, 2);
    }
  };
  const whole = message.length - (message.length % 4);
  const last = new Uint8Array(4);
  last.set(message.subarray(whole));
  last[3] = message.length;
  const blocks = [...Array(whole / 4).keys()].map((index) => word(message, index * 4));
  for (const block of [...blocks, word(last, 0)]) {
    v[3] = at(3) ^ block;
    sipRounds(2);
    v[0] = at(0) ^ block;
  }
  v[2] = at(2) ^ 0xff;
  sipRounds(4);
  return at(1) ^ at(3);
}

const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => index);
const written = (hash: number) => {
  const view = new DataView(new ArrayBuffer(4));
  view.setInt32(0, hash, true);
  return Buffer.from(view.buffer).toString("hex");
};

test("the slow one gives the reference's own vectors: bytes 0, 1, 2, … under the key 0 to 7", () => {
  const vectors = ["a9359f5b", "27475ab8", "fa62a603", "8afee704", "2a6e4689"];
  expect(vectors.map((_, length) => written(slowHalfSipHash(bytes(8), bytes(length))))).toEqual(vectors);
});

test("the reference's vector for 4 bytes", () => {
  expect(written(halfSipHash(0x03020100, 0x07060504, 0x03020100))).toBe("2a6e4689");
});

test("any word under any key gives what the slow one gives", () => {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state;
  };
  for (let time = 0; time < 1_000; time++) {
    const words = Int32Array.of(random(), random(), random());
    const [key0 = 0, key1 = 0, word = 0] = words;
    const raw = new Uint8Array(words.buffer);
    expect(halfSipHash(key0, key1, word)).toBe(slowHalfSipHash(raw.subarray(0, 8), raw.slice(8)));
  }
});
