import { expect, test } from "vitest";
import { testRandom } from "../../testing/index.ts";
import type { EntryList, Listed } from "./entry-list.ts";
import { EvictionQueues } from "./eviction-queues.ts";

class Entry implements Listed {
  readonly key: string;
  readonly bytes: number;
  uses = 0;
  list: EntryList<Listed> | undefined = undefined;
  before: Listed | undefined = undefined;
  after: Listed | undefined = undefined;

  constructor(key: string, bytes: number) {
    this.key = key;
    this.bytes = bytes;
  }
}

/** A cache of so many bytes: tells which keys it holds, and counts what it was asked for. */
function cacheOf(bytesMax: number) {
  const held = new Map<string, Entry>();
  const queues = new EvictionQueues<Entry>(bytesMax, ({ key }) => held.delete(key));
  let hits = 0;
  return {
    queues,
    held,
    ask: (key: string, bytes = 1) => {
      const entry = held.get(key);
      if (entry) {
        hits += 1;
        entry.uses = Math.min(3, entry.uses + 1);
        return;
      }
      const made = new Entry(key, bytes);
      held.set(key, made);
      queues.add(made);
    },
    hits: () => hits,
  };
}

test("it never holds more bytes than it may, and counts those that it holds", () => {
  const random = testRandom(7);
  const { ask, queues, held } = cacheOf(1_000);
  for (let i = 0; i < 20_000; i++) {
    ask(String(Math.floor(random() ** 3 * 500)), 1 + Math.floor(random() * 90));
    expect(queues.bytes).toBeLessThanOrEqual(1_000);
  }
  expect([...held.values()].reduce((sum, { bytes }) => sum + bytes, 0)).toBe(queues.bytes);
  expect(queues.size).toBe(held.size);
  for (const entry of held.values()) queues.remove(entry);
  expect([queues.bytes, queues.size]).toEqual([0, 0]);
});

test("a scan of things that are asked for once leaves what is in use", () => {
  const { ask, held } = cacheOf(100);
  for (let round = 0; round < 5; round++) for (let i = 0; i < 50; i++) ask(`used-${i}`);
  for (let i = 0; i < 10_000; i++) ask(`scanned-${i}`);
  expect([...held.keys()].filter((key) => key.startsWith("used")).length).toBeGreaterThanOrEqual(45);
});

test("on a mix of favourites and strangers it hits more often than what throws out the longest unused", () => {
  const random = testRandom(11);
  const cache = cacheOf(200);
  const longestUnused = new Set<string>();
  let lruHits = 0;
  for (let i = 0; i < 200_000; i++) {
    const key = random() < 0.5 ? `favourite-${Math.floor(random() ** 2 * 400)}` : `stranger-${i}`;
    cache.ask(key);
    if (longestUnused.delete(key)) lruHits += 1;
    longestUnused.add(key);
    if (longestUnused.size > 200) longestUnused.delete(longestUnused.values().next().value as string);
  }
  expect(cache.hits()).toBeGreaterThan(lruHits * 1.1);
});

test("one that comes back soon after it went stays longer", () => {
  const { ask, held } = cacheOf(100);
  for (let i = 0; i < 100; i++) ask(`first-${i}`);
  for (let i = 0; i < 60; i++) ask(`second-${i}`);
  expect(held.has("first-0")).toBe(false);
  ask("first-0");
  for (let i = 0; i < 85; i++) ask(`third-${i}`);
  expect(held.has("first-0")).toBe(true);
});

test("what takes the place of another keeps what that had earned", () => {
  const { ask, held, queues } = cacheOf(100);
  for (let i = 0; i < 3; i++) ask("a");
  const [old, next] = [held.get("a") as Entry, new Entry("a", 5)];
  queues.replace(old, next);
  expect([queues.bytes, queues.size, next.uses]).toEqual([5, 1, old.uses]);
});
