import { describe, expect, it } from "vitest";
import { Entry } from "./entry.ts";
import { Tier } from "./tier.ts";

const entry = (key: string, tags: readonly string[], bytes = 100): Entry<string> =>
  new Entry({ key, value: "v", freshUntil: 1, staleUntil: 1, readAt: 0, tags, bytes });

describe("a tier", () => {
  it("finds all that has a tag, and only by the tags of its present entry", () => {
    const tier = new Tier<string>(10_000);
    tier.set(entry("a", ["t", "u"]));
    tier.set(entry("b", ["t"]));
    tier.set(entry("b", ["u"]));
    tier.deleteTagged("t");
    expect([tier.get("a"), tier.get("b")].map((found) => found !== undefined)).toEqual([false, true]);
    tier.deleteTagged("u");
    expect(tier.entries).toBe(0);
  });

  it("does not remember the tags of what was too large to keep", () => {
    const tier = new Tier<string>(1_000);
    tier.set(entry("a", ["t"], 5_000));
    expect(tier.get("a")).toBeUndefined();
    tier.set(entry("a", []));
    tier.deleteTagged("t");
    expect(tier.get("a")).toBeDefined();
  });

  it("lets go of the tags of what it evicts", () => {
    const tier = new Tier<string>(1_000);
    for (let i = 0; i < 100; i++) tier.set(entry(`k${i}`, ["t"]));
    expect([tier.entries, tier.evictions]).toEqual([10, 90]);
    tier.deleteTagged("t");
    expect(tier.entries).toBe(0);
  });

  it("keeps what is read while a scan passes through", () => {
    const tier = new Tier<string>(1_000);
    for (const key of ["read", "read too"]) tier.set(entry(key, []));
    for (let i = 0; i < 100; i++) {
      tier.get("read");
      tier.get("read too");
      tier.set(entry(`once ${i}`, []));
    }
    expect([tier.get("read"), tier.get("read too")].every(Boolean)).toBe(true);
    expect(tier.bytes).toBeLessThanOrEqual(1_000);
  });
});
