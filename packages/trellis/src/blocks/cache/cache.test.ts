import { afterEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { z } from "zod";
import type { Opening } from "../../model/block.ts";
import { TrellisError } from "../../model/errors.ts";
import { testBus } from "../../testing/test-bus.ts";
import { settled, type TestClock, testClock } from "../../testing/test-clock.ts";
import { testOpening } from "../../testing/test-opening.ts";
import { testRandom } from "../../testing/test-random.ts";
import { type Cache, type CacheOptions, cache } from "./cache.ts";

const Page = z.object({ id: z.string(), followers: z.number() });
type Page = z.infer<typeof Page>;
const page = (followers: number): Page => ({ id: "p", followers });

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

interface Given extends Partial<Pick<Opening, "mode" | "random">> {
  readonly options?: Partial<CacheOptions<string, Page>>;
}

async function openPages({ options, ...given }: Given = {}): Promise<{ pages: Cache<string, Page>; clock: TestClock }> {
  const clock = testClock();
  const block = cache(Page, { ttl: "1m", jitter: 0, ...options });
  const { handle, close } = await block.open(testOpening({ clock, engines: { bus: testBus() }, ...given }));
  if (close) opened.push(close);
  return { pages: handle, clock };
}

describe("a value", () => {
  it("is served without a load until its ttl has passed", async () => {
    const { pages, clock } = await openPages();
    const load = vi.fn(async () => page(1));
    await pages.getOrLoad("p", load);
    await clock.advance(59_999);
    await pages.getOrLoad("p", load);
    expect(load).toHaveBeenCalledTimes(1);
    await clock.advance(1);
    expect(await pages.get("p")).toBeUndefined();
    await pages.getOrLoad("p", load);
    expect(load).toHaveBeenCalledTimes(2);
    expect(pages.stats()).toMatchObject({ hits: 1, misses: 3, loads: 2 });
  });

  it("gets a ttl that varies by the jitter, so that not all expire at once", async () => {
    const { pages, clock } = await openPages({ options: { ttl: "100s", jitter: 0.1 }, random: testRandom(7) });
    for (let i = 0; i < 200; i++) await pages.put(`p${i}`, page(i));
    const alive = async () => {
      let count = 0;
      for (let i = 0; i < 200; i++) if (await pages.get(`p${i}`)) count++;
      return count;
    };
    await clock.advance(89_999);
    expect(await alive()).toBe(200);
    await clock.advance(10_001);
    expect(await alive()).toSatisfy((count: number) => count > 60 && count < 140);
    await clock.advance(10_000);
    expect(await alive()).toBe(0);
  });

  it("is served stale at once while one load fetches the new one", async () => {
    const { pages, clock } = await openPages({ options: { staleFor: "1h" } });
    await pages.put("p", page(1));
    await clock.advance(60_000);
    const fresh = Promise.withResolvers<Page>();
    const load = vi.fn(() => fresh.promise);
    const answers = await Promise.all(Array.from({ length: 100 }, () => pages.getOrLoad("p", load)));
    expect(answers.every(({ followers }) => followers === 1)).toBe(true);
    expect(load).toHaveBeenCalledTimes(1);
    fresh.resolve(page(2));
    await settled();
    expect(await pages.getOrLoad("p", load)).toEqual(page(2));
    expect(load).toHaveBeenCalledTimes(1);
    expect(pages.stats()).toMatchObject({ staleHits: 100, hits: 1 });
  });

  it("is served while loads fail, tried again every second, until staleFor has passed", async () => {
    const { pages, clock } = await openPages({ options: { staleFor: "10s" } });
    await pages.put("p", page(1));
    await clock.advance(60_000);
    const failing = vi.fn(() => Promise.reject(new Error("down")));
    for (let i = 0; i < 5; i++) {
      expect(await pages.getOrLoad("p", failing)).toEqual(page(1));
      await settled();
    }
    expect(failing).toHaveBeenCalledTimes(1);
    await clock.advance(1_000);
    expect(await pages.getOrLoad("p", failing)).toEqual(page(1));
    await settled();
    expect(failing).toHaveBeenCalledTimes(2);
    expect(pages.stats()).toMatchObject({ staleHits: 6, loadFailures: 2 });
    await clock.advance(9_000);
    await expect(pages.getOrLoad("p", failing)).rejects.toThrow("down");
  });

  it("that is missing is remembered for negativeFor only", async () => {
    const { pages, clock } = await openPages();
    const load = vi.fn(async (): Promise<Page | undefined> => undefined);
    expect(await pages.getOrLoad("p", load)).toBeUndefined();
    await clock.advance(9_999);
    expect(await pages.getOrLoad("p", load)).toBeUndefined();
    expect(load).toHaveBeenCalledTimes(1);
    expect(pages.stats()).toMatchObject({ negativeHits: 1, misses: 1 });
    await clock.advance(1);
    load.mockResolvedValue(page(3));
    expect(await pages.getOrLoad("p", load)).toEqual(page(3));
    expect(await pages.get("p")).toEqual(page(3));
  });

  it("is found by what the key function makes of the key", async () => {
    const block = cache(z.array(Page), {
      ttl: "10s",
      key: (ask: { prefix: string; limit: number }) => `${ask.limit}:${ask.prefix}`,
    });
    expectTypeOf(block).toEqualTypeOf(
      cache<z.ZodArray<typeof Page>, { prefix: string; limit: number }>(z.array(Page), { ttl: "10s" }),
    );
    const { handle } = await block.open(testOpening({ engines: { bus: testBus() } }));
    await handle.put({ prefix: "a", limit: 2 }, [page(1)]);
    expect(await handle.get({ limit: 2, prefix: "a" })).toEqual([page(1)]);
    expect(await handle.get({ limit: 3, prefix: "a" })).toBeUndefined();
  });
});

describe("a load", () => {
  it("has the type of what it gives: undefined only where it may give that", async () => {
    const { pages } = await openPages();
    expectTypeOf(pages.getOrLoad("p", async () => page(1))).toEqualTypeOf<Promise<Page>>();
    expectTypeOf(pages.getOrLoad("p", async (): Promise<Page | undefined> => page(1))).toEqualTypeOf<
      Promise<Page | undefined>
    >();
    // @ts-expect-error a load of something else
    await pages.getOrLoad("q", async () => ({ id: 1 })).catch(() => {});
  });

  it("runs once when a thousand callers miss", async () => {
    const { pages } = await openPages();
    const load = vi.fn(async () => page(1));
    await Promise.all(Array.from({ length: 1_000 }, () => pages.getOrLoad("p", load)));
    expect(load).toHaveBeenCalledTimes(1);
  });

  it("that fails fails all who wait, and is not remembered", async () => {
    const { pages } = await openPages();
    const failing = vi.fn(() => Promise.reject(new Error("down")));
    const answers = await Promise.allSettled([pages.getOrLoad("p", failing), pages.getOrLoad("p", failing)]);
    expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(failing).toHaveBeenCalledTimes(1);
    expect(await pages.getOrLoad("p", async () => page(1))).toEqual(page(1));
  });

  it("that throws at once rejects like any other", async () => {
    const { pages } = await openPages();
    const throwing = (): Promise<Page> => {
      throw new Error("at once");
    };
    await expect(pages.getOrLoad("p", throwing)).rejects.toThrow("at once");
    expect(await pages.getOrLoad("p", async () => page(1))).toEqual(page(1));
  });

  it("that takes too long is aborted, fails its callers and makes room for another", async () => {
    const { pages, clock } = await openPages({ options: { loadWithin: "2s" } });
    const never = Promise.withResolvers<Page>();
    let aborted: unknown;
    const waiting = pages.getOrLoad("p", (signal) => {
      signal.addEventListener("abort", () => {
        aborted = signal.reason;
      });
      return never.promise;
    });
    const outcome = expect(waiting).rejects.toMatchObject({ code: "deadline-exceeded" });
    await clock.advance(2_000);
    await outcome;
    expect(aborted).toBeInstanceOf(TrellisError);
    expect(await pages.getOrLoad("p", async () => page(2))).toEqual(page(2));
    never.resolve(page(1));
    await settled();
    expect(await pages.get("p")).toEqual(page(2));
  });
});

describe("the room", () => {
  it("is bounded by bytes: what was not read for longest makes room", async () => {
    const { pages } = await openPages({ options: { max: "16KB" } });
    for (let i = 0; i < 1_000; i++) {
      await pages.put(`p${i}`, page(i));
      await pages.get("p0");
    }
    const { bytes, entries, evictions } = pages.stats();
    expect(bytes).toBeLessThanOrEqual(16_384);
    expect(entries).toBeGreaterThan(20);
    expect(evictions).toBe(1_000 - entries);
    expect(await pages.get("p0")).toEqual(page(0));
    expect(await pages.get("p1")).toBeUndefined();
  });

  it("loses no value to a scan for what does not exist", async () => {
    const { pages } = await openPages({ options: { max: "64KB" } });
    for (let i = 0; i < 50; i++) await pages.put(`p${i}`, page(i));
    for (let i = 0; i < 10_000; i++) await pages.getOrLoad(`unknown${i}`, async () => undefined);
    for (let i = 0; i < 50; i++) expect(await pages.get(`p${i}`)).toEqual(page(i));
    expect(pages.stats().bytes).toBeLessThanOrEqual(65_536);
  });

  it("does not take in a value that is larger than all of it", async () => {
    const { pages } = await openPages({ options: { max: "1KB", tags: () => ["t"] } });
    expect(await pages.getOrLoad("p", async () => ({ id: "x".repeat(5_000), followers: 1 }))).toMatchObject({
      followers: 1,
    });
    expect(await pages.get("p")).toBeUndefined();
    expect(pages.stats()).toMatchObject({ entries: 0, bytes: 0 });
  });
});

describe("a shared value", () => {
  it("cannot be changed in development and tests", async () => {
    const { pages } = await openPages({ mode: "development" });
    const shared: { followers: number } = await pages.getOrLoad("p", async () => page(1));
    expect(() => {
      shared.followers = 2;
    }).toThrow(TypeError);
  });

  it("is neither frozen nor checked in production, where that would cost", async () => {
    const { pages } = await openPages({ mode: "production" });
    const wrong = { id: "p", followers: "many" } as unknown as Page;
    expect(Object.isFrozen(await pages.getOrLoad("p", async () => wrong))).toBe(false);
  });

  it("must fit the schema in development and tests, whichever way it comes", async () => {
    const { pages } = await openPages();
    const wrong = { id: "p", followers: "many" } as unknown as Page;
    const refused = { code: "internal", fields: [{ field: "followers" }] };
    const save = vi.fn(async () => {});
    await expect(pages.getOrLoad("p", async () => wrong)).rejects.toMatchObject(refused);
    await expect(pages.put("p", wrong)).rejects.toMatchObject(refused);
    await expect(pages.writeThrough("p", wrong, save)).rejects.toMatchObject(refused);
    await expect(pages.writeBehind("p", wrong, save)).rejects.toMatchObject(refused);
    expect(save).not.toHaveBeenCalled();
    expect(await pages.get("p")).toBeUndefined();
  });
});

describe("a write-through", () => {
  it("forgets the key where saving failed, since nobody knows what was saved", async () => {
    const { pages } = await openPages();
    await pages.put("p", page(1));
    await expect(pages.writeThrough("p", page(2), () => Promise.reject(new Error("cut off")))).rejects.toThrow(
      "cut off",
    );
    expect(await pages.get("p")).toBeUndefined();
  });

  it("keeps nothing when two save at once, since their order is not known here", async () => {
    const { pages } = await openPages();
    const first = Promise.withResolvers<void>();
    const waiting = pages.writeThrough("p", page(1), () => first.promise);
    await pages.writeThrough("p", page(2), async () => {});
    first.resolve();
    await waiting;
    expect(await pages.get("p")).toBeUndefined();
  });
});

describe("a declaration", () => {
  it.each([
    [{ ttl: "0s" }, "invalid-app"],
    [{ ttl: "soon" as "1s" }, "invalid-setting"],
    [{ max: "lots" as "1MB" }, "invalid-setting"],
    [{ jitter: 1.5 }, "invalid-app"],
    [{ jitter: Number.NaN }, "invalid-app"],
  ] satisfies [Partial<CacheOptions<string, Page>>, string][])("refuses %j", (options, code) => {
    expect(() => cache(Page, { ttl: "1m", ...options })).toThrow(expect.objectContaining({ code }));
  });

  it("prints every limit", () => {
    const { limits, needs } = cache(Page, { ttl: "1m", staleFor: "1h", max: "1MB" });
    expect(needs).toEqual(["bus"]);
    expect(Object.fromEntries(limits.map(({ name, value }) => [name, value]))).toEqual({
      "values in each instance": 1_048_576,
      age: 60_000,
      "age while loading anew": 3_660_000,
      "age of `undefined`": 10_000,
      load: 10_000,
      "write-behind window": 1_000,
      "values waiting to be saved": 10_000,
    });
  });
});
