import { describe, expect, test } from "vitest";
import { fromBase62, toBase62 } from "./base62.ts";
import { Codes, codeLength, idsMax } from "./codes.ts";

const keyOf = (seed: number) => new Uint8Array(32).fill(seed);
const codes = new Codes(keyOf(7));

/** Ids all over the domain, its ends among them: multiples of a large prime, the same in each run. */
const ids = [0, 1, 2, 61, 62, 2 ** 21, idsMax - 2, idsMax - 1].concat(
  Array.from({ length: 5_000 }, (_, index) => (index * 2_305_843_009) % idsMax),
);

describe("base 62", () => {
  test("what is written is read back", () => {
    for (const id of ids) expect(fromBase62(toBase62(id, codeLength))).toBe(id);
  });

  test("texts sort as their numbers do", () => {
    const sorted = ids.toSorted((one, other) => one - other);
    expect(sorted.map((id) => toBase62(id, codeLength)).toSorted()).toEqual(
      sorted.map((id) => toBase62(id, codeLength)),
    );
  });

  test("other characters are refused, beyond ASCII too", () => {
    expect(["", "abc-123", "abc_123", "ab 1234", "abc123é", "abc12\u{1F600}"].map(fromBase62)).toEqual([
      0,
      ...Array(5).fill(undefined),
    ]);
  });
});

describe("codes", () => {
  test("each id has a code of 7 characters, from which it is found again", () => {
    for (const id of ids) {
      const code = codes.codeOf(id);
      expect(code).toMatch(/^[0-9A-Za-z]{7}$/);
      expect(codes.idOf(code)).toBe(id);
    }
  });

  test("each code of 7 characters has an id, whose code it is", () => {
    for (const id of ids) {
      const code = toBase62(id, codeLength);
      const found = codes.idOf(code);
      if (found === undefined) throw new Error(`${code} has no id`);
      expect(found).toBeLessThan(idsMax);
      expect(codes.codeOf(found)).toBe(code);
    }
  });

  test("no two of a hundred thousand ids in a row share a code", () => {
    expect(new Set(Array.from({ length: 100_000 }, (_, id) => codes.codeOf(id))).size).toBe(100_000);
  });

  test("neighbours are as far apart as chance would have it", () => {
    const count = 20_000;
    const places = Array.from({ length: count }, (_, id) => (fromBase62(codes.codeOf(id)) ?? 0) / idsMax);
    const steps = places.slice(1).map((place, index) => Math.abs(place - (places[index] ?? 0)));
    const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
    // Two random points of [0, 1) are 1/3 apart on average, with a deviation of √(1/18); 5 of those of the mean.
    expect(Math.abs(mean - 1 / 3)).toBeLessThan((5 * Math.sqrt(1 / 18)) / Math.sqrt(count));
  });

  test("every place of a code shows every character about equally often", () => {
    const count = 62_000;
    const seen = Array.from({ length: codeLength }, () => new Map<string, number>());
    for (let id = 0; id < count; id++)
      [...codes.codeOf(id)].forEach((character, place) => {
        seen[place]?.set(character, (seen[place].get(character) ?? 0) + 1);
      });
    for (const characters of seen) {
      expect(characters.size).toBe(62);
      // 1,000 of each expected, with a deviation of 31.5: six of them.
      for (const times of characters.values()) expect(Math.abs(times - 1_000)).toBeLessThan(190);
    }
  });

  test("another key gives other codes, the same key the same", () => {
    const other = new Codes(keyOf(8));
    const again = new Codes(keyOf(7));
    const some = ids.slice(0, 1_000);
    expect(some.map((id) => again.codeOf(id))).toEqual(some.map((id) => codes.codeOf(id)));
    expect(some.filter((id) => other.codeOf(id) === codes.codeOf(id))).toEqual([]);
  });

  test("what is no code of ours has no id", () => {
    for (const text of ["", "abc123", "abc12345", "abc-123", "favicon.ico"]) expect(codes.idOf(text)).toBeUndefined();
  });

  test("what is no id has no code, and a short key is refused", () => {
    for (const id of [-1, 0.5, idsMax, Number.NaN]) expect(() => codes.codeOf(id)).toThrow(RangeError);
    expect(() => new Codes(new Uint8Array(16))).toThrow("32 bytes");
  });
});
