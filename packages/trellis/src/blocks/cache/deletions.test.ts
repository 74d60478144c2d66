import { describe, expect, it } from "vitest";
import { Deletions } from "./deletions.ts";

describe("deletions", () => {
  it("concern what was read before them, not after", () => {
    const deletions = new Deletions();
    const before = deletions.now;
    deletions.addKey("a");
    deletions.addTag("t");
    expect(deletions.concern(before, "a", [])).toBe(true);
    expect(deletions.concern(before, "b", ["s", "t"])).toBe(true);
    expect(deletions.concern(before, "b", ["s"])).toBe(false);
    expect(deletions.concern(deletions.now, "a", ["t"])).toBe(false);
  });

  it("of everything concern everything read before", () => {
    const deletions = new Deletions();
    const before = deletions.now;
    deletions.addAll();
    expect(deletions.concern(before, "a", [])).toBe(true);
    expect(deletions.concern(deletions.now, "a", [])).toBe(false);
  });

  it("of any tag may concern a value whose tags nobody knows", () => {
    const deletions = new Deletions();
    const before = deletions.now;
    deletions.addKey("b");
    expect(deletions.mayConcern(before, "a")).toBe(false);
    deletions.addTag("t");
    expect(deletions.mayConcern(before, "a")).toBe(true);
  });

  it("that are forgotten are held against everything read before them", () => {
    const deletions = new Deletions(3);
    const first = deletions.now;
    deletions.addKey("a");
    const second = deletions.now;
    for (const key of ["b", "c", "d"]) deletions.addKey(key);
    expect(deletions.concern(first, "never deleted", [])).toBe(true);
    expect(deletions.concern(second, "never deleted", [])).toBe(false);
    expect(deletions.concern(second, "b", [])).toBe(true);
  });

  it("of the same name again and again take the room of one", () => {
    const deletions = new Deletions(2);
    deletions.addKey("a");
    const after = deletions.now;
    for (let i = 0; i < 100; i++) deletions.addKey("b");
    expect(deletions.concern(after, "a", [])).toBe(false);
    expect(deletions.concern(after, "b", [])).toBe(true);
  });
});
