import { describe, expect, it } from "vitest";
import { testClock } from "../../testing/test-clock.ts";
import { testRandom } from "../../testing/test-random.ts";
import { Shelf } from "./shelf.ts";

interface Row {
  readonly version: number;
  readonly owner: string;
}

const row = (version: number, owner = "w1"): Row => ({ version, owner });

function openShelf(): Shelf<Row> {
  const settings = {
    ttlMs: 60_000,
    staleMs: 0,
    negativeMs: 1_000,
    loadMsMax: 1_000,
    windowMs: 1_000,
    bytesMax: 65_536,
    unsavedMax: 10,
    jitter: 0,
    keyOf: (key: string) => key,
    tagsOf: ({ owner }: Row) => [owner],
  };
  return new Shelf(settings, { clock: testClock(), random: testRandom(), check: () => {}, freezes: true });
}

const kept = (shelf: Shelf<Row>): Row | undefined => shelf.values.get("a")?.value;

describe("the shelf", () => {
  it("keeps what was read after the last deletion, and nothing older", () => {
    const shelf = openShelf();
    const before = shelf.now;
    shelf.delete("a");
    expect(shelf.keep("a", row(1), before)).toBe(false);
    expect(kept(shelf)).toBeUndefined();
    expect(shelf.keep("a", row(2), shelf.now)).toBe(true);
    expect(kept(shelf)).toEqual(row(2));
  });

  it("does not replace a value by one that was read earlier, though neither was deleted", () => {
    const shelf = openShelf();
    const before = shelf.now;
    shelf.deleteTagged("another owner");
    shelf.keep("a", row(2), shelf.now);
    expect(shelf.keep("a", row(1), before)).toBe(false);
    expect(kept(shelf)).toEqual(row(2));
  });

  it("drops what an earlier load left behind when a later one proves outdated", () => {
    const shelf = openShelf();
    const first = shelf.now;
    shelf.deleteTagged("w9");
    const second = shelf.now;
    shelf.deleteTagged("w2");
    // Between the two loads the row went from w1 to w2; then what w2 has was deleted.
    shelf.keep("a", row(1, "w1"), first);
    expect(kept(shelf)).toEqual(row(1, "w1"));
    expect(shelf.keep("a", row(2, "w2"), second)).toBe(false);
    expect(kept(shelf)).toBeUndefined();
  });

  it("does not remember that a value is missing when any tag was deleted during the load", () => {
    const shelf = openShelf();
    const before = shelf.now;
    shelf.deleteTagged("w1");
    expect(shelf.keep("a", undefined, before)).toBe(false);
    expect(shelf.absences.entries).toBe(0);
    expect(shelf.keep("a", undefined, shelf.now)).toBe(true);
    expect(shelf.absences.entries).toBe(1);
  });

  it("has a key either as a value or as missing, never both", () => {
    const shelf = openShelf();
    shelf.keep("a", undefined, shelf.now);
    shelf.keep("a", row(1), shelf.now);
    expect([shelf.values.entries, shelf.absences.entries]).toEqual([1, 0]);
    shelf.keep("a", undefined, shelf.now);
    expect([shelf.values.entries, shelf.absences.entries]).toEqual([0, 1]);
  });

  it("counts the key, the value's JSON and a fixed share as the bytes of an entry", () => {
    const shelf = openShelf();
    shelf.keep("a", row(1), shelf.now);
    expect(shelf.values.bytes).toBe(256 + 1 + JSON.stringify(row(1)).length);
    shelf.delete("a");
    expect(shelf.values.bytes).toBe(0);
  });
});
