import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Block } from "../../model/block.ts";
import type { Transaction } from "../../model/transaction.ts";
import type { TestClock } from "../../testing/test-clock.ts";
import { type Cache, cache } from "./cache.ts";

/** Two instances of one app with the same cache. */
export interface CachePair<Key, Value> {
  readonly one: Cache<Key, Value>;
  readonly other: Cache<Key, Value>;
  readonly clock: TestClock;
  /** Resolves when both have heard everything that was said so far. */
  heard(): Promise<void>;
  /** Runs a transaction on `one`: commits when `run` resolves, rolls back when it rejects, and passes that on. */
  transaction(run: (tx: Transaction) => Promise<void>): Promise<void>;
  /** Cuts `other` off from all news. */
  cut(): Promise<void>;
  /** Connects it again. Resolves when it has heard, or knows that it missed, what was said meanwhile. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

export type OpenCachePair = <Key, Value>(block: Block<"cache", Cache<Key, Value>>) => Promise<CachePair<Key, Value>>;

const Link = z.object({ code: z.string(), target: z.string(), workspace: z.string() });
type Link = z.infer<typeof Link>;

const linkCache = cache(Link, { ttl: "1m", staleFor: "1h", tags: (link) => [`workspace:${link.workspace}`] });
const linkTo = (target: string, workspace = "w1"): Link => ({ code: "a", target, workspace });

/** What every cache promises between instances, whatever carries its news. */
export function cacheContract(engine: string, openPair: OpenCachePair): void {
  describe(`cache on ${engine}`, () => {
    let pair: CachePair<string, Link>;
    /** What the database has. */
    let saved: Link | undefined;
    let loads = 0;
    const load = async (): Promise<Link | undefined> => {
      loads++;
      return saved;
    };
    const targets = async (): Promise<readonly (string | undefined)[]> => [
      (await pair.one.getOrLoad("a", load))?.target,
      (await pair.other.getOrLoad("a", load))?.target,
    ];

    beforeEach(async () => {
      pair = await openPair(linkCache);
      saved = linkTo("old");
      loads = 0;
    });
    afterEach(() => pair.close());

    it("loads once on each instance, however many ask at once", async () => {
      const asked = [pair.one, pair.other].flatMap((each) =>
        Array.from({ length: 1_000 }, () => each.getOrLoad("a", load)),
      );
      const answers = await Promise.all(asked);
      expect(answers.filter((answer) => answer?.target === "old")).toHaveLength(2_000);
      expect(loads).toBe(2);
    });

    it("forgets on both instances what one deletes", async () => {
      await targets();
      saved = linkTo("new");
      await pair.one.delete("a");
      await pair.heard();
      expect(await targets()).toEqual(["new", "new"]);
    });

    it("forgets on both instances that a value is missing", async () => {
      saved = undefined;
      expect(await targets()).toEqual([undefined, undefined]);
      saved = linkTo("new");
      await pair.other.delete("a");
      await pair.heard();
      expect(await targets()).toEqual(["new", "new"]);
    });

    it("forgets by tag on both instances, and nothing else", async () => {
      await targets();
      await pair.one.getOrLoad("b", async () => linkTo("kept", "w2"));
      saved = linkTo("new");
      await pair.other.deleteTagged("workspace:w1");
      await pair.heard();
      expect(await targets()).toEqual(["new", "new"]);
      expect((await pair.one.get("b"))?.target).toBe("kept");
    });

    it("keeps what was put on this instance and forgets the old on the other", async () => {
      await targets();
      saved = linkTo("new");
      await pair.one.put("a", saved);
      await pair.heard();
      loads = 0;
      expect(await targets()).toEqual(["new", "new"]);
      expect(loads).toBe(1);
    });

    it("tells the other instance only after a write-through has saved", async () => {
      await targets();
      await pair.one.writeThrough("a", linkTo("new"), async (link) => {
        expect(await targets()).toEqual(["old", "old"]);
        saved = link;
      });
      await pair.heard();
      expect(await targets()).toEqual(["new", "new"]);
    });

    it("deletes with the commit, not before", async () => {
      await targets();
      await pair.transaction(async (tx) => {
        await pair.one.in(tx).delete("a");
        expect(await targets()).toEqual(["old", "old"]);
        saved = linkTo("new");
      });
      await pair.heard();
      expect(await targets()).toEqual(["new", "new"]);
    });

    it("deletes by tag and puts with the commit", async () => {
      await targets();
      await pair.one.getOrLoad("b", async () => linkTo("old"));
      await pair.transaction(async (tx) => {
        await pair.one.in(tx).deleteTagged("workspace:w1");
        saved = linkTo("new");
        await pair.one.in(tx).put("a", saved);
        expect(await targets()).toEqual(["old", "old"]);
      });
      await pair.heard();
      loads = 0;
      expect(await targets()).toEqual(["new", "new"]);
      expect(loads).toBe(1);
      expect(await pair.one.get("b")).toBeUndefined();
    });

    it("changes nothing when the transaction rolls back", async () => {
      await targets();
      const rolledBack = pair.transaction(async (tx) => {
        await pair.one.in(tx).delete("a");
        await pair.one.in(tx).put("a", linkTo("never"));
        await pair.one.in(tx).deleteTagged("workspace:w1");
        throw new Error("no");
      });
      await expect(rolledBack).rejects.toThrow("no");
      await pair.heard();
      loads = 0;
      expect(await targets()).toEqual(["old", "old"]);
      expect(loads).toBe(0);
    });

    it("leaves no instance stale that was cut off for a while", async () => {
      await targets();
      await pair.cut();
      saved = linkTo("new");
      await pair.one.delete("a");
      await pair.mend();
      expect(await targets()).toEqual(["new", "new"]);
    });

    it("does not keep on the other instance what a load brings that began before the deletion", async () => {
      const late = Promise.withResolvers<Link>();
      const waiting = pair.other.getOrLoad("a", () => late.promise);
      saved = linkTo("new");
      await pair.one.delete("a");
      await pair.heard();
      late.resolve(linkTo("old"));
      expect((await waiting).target).toBe("old");
      expect(await targets()).toEqual(["new", "new"]);
    });
  });
}
