import { describe, expect, it } from "vitest";
import { Entry } from "./entry.ts";
import { Tier } from "./tier.ts";

const entry = (tags: readonly string[], bytes = 100): Entry<string> =>
  new Entry({ value: "v", freshUntil: 1, staleUntil: 1, readAt: 0, tags, bytes });

describe("a tier", () => {
  it("finds all that has a tag, and only by the tags of its present entry", () => {
    const tier = new Tier<string>(10_000);
    tier.set("a", entry(["t", "u"]));
    tier.set("b", entry(["t"]));
    tier.set("b", entry(["u"]));
    tier.deleteTagged("t");
    expect([tier.get("a"), tier.get("b")].map((found) => found !== undefined)).toEqual([false, true]);
    tier.deleteTagged("u");
    expect(tier.entries).toBe(0);
  });

  it("does not remember the tags of what was too large to keep", () => {
    const tier = new Tier<string>(1_000);
    tier.set("a", entry(["t"], 5_000));
    expect(tier.get("a")).toBeUndefined();
    tier.set("a", entry([]));
    tier.deleteTagged("t");
    expect(tier.get("a")).toBeDefined();
  });

  it("lets go of the tags of what it evicts", () => {
    const tier = new Tier<string>(1_000);
    for (let i = 0; i < 100; i++) tier.set(`k${i}`, entry(["t"]));
    expect([tier.entries, tier.evictions]).toEqual([10, 90]);
    tier.set("k0", entry([]));
    tier.deleteTagged("t");
    expect(tier.entries).toBe(1);
  });
});
