import { describe, expect, test } from "vitest";
import type { Followed } from "./clicks/facts/click-reader.ts";
import { follow } from "./follow.ts";
import type { Destination, Use } from "./uses.ts";

type FollowRequest = Parameters<typeof follow>[0];

/** A cache that has what `held` has, a database that nobody may ask, and what was spooled. */
function useOf(held: ReadonlyMap<string, Destination | undefined>) {
  const asked: string[] = [];
  const spooled: unknown[] = [];
  const getOrLoad = async (code: string) => {
    asked.push(code);
    if (!held.has(code)) throw new Error("the database was asked");
    return held.get(code);
  };
  const use = {
    hot: { getOrLoad },
    facts: { read: (link: number, { method, userAgent, referer }: Followed) => ({ link, method, userAgent, referer }) },
    clicks: { spool: (click: unknown) => void spooled.push(click) },
  } as unknown as Use;
  return { asked, spooled, use };
}

const ask = (code: string, refreshes = false) =>
  ({
    method: "GET",
    params: { code },
    refreshes,
    now: () => 5,
    header: (name: string) => `the ${name}`,
  }) as FollowRequest;

describe("following", () => {
  test("a known code gives the very object that the cache holds, and writes one click down", async () => {
    const destination = { to: "https://example.com/", id: 7 };
    const { use, spooled } = useOf(new Map([["abc1234", destination]]));
    expect(await follow(ask("abc1234"), use)).toBe(destination);
    expect(spooled).toEqual([{ link: 7, method: "GET", userAgent: "the user-agent", referer: "the referer" }]);
  });

  test("for the edge's own memory is no click: those whom it answers from there are", async () => {
    const destination = { to: "https://example.com/", id: 7 };
    const { use, spooled } = useOf(new Map([["abc1234", destination]]));
    expect(await follow(ask("abc1234", true), use)).toBe(destination);
    expect(spooled).toEqual([]);
  });

  test("an archived link is gone, an unknown code was never there, and neither is a click", async () => {
    const { use, spooled } = useOf(
      new Map<string, Destination | undefined>([
        ["gone-1", { archived: true, id: 8 }],
        ["never-1", undefined],
      ]),
    );
    expect(await follow(ask("gone-1"), use)).toMatchObject({ code: "link-archived", failed: true });
    expect(await follow(ask("never-1"), use)).toMatchObject({ code: "unknown-code", detail: { code: "never-1" } });
    expect(spooled).toEqual([]);
  });

  test.each(["favicon.ico", "robots.txt", "ab", "a".repeat(65), "abc 123", "abc%00", "abc\u0000", "żółw", ".env"])(
    "%j can be no code, so neither cache nor database is asked",
    async (code) => {
      const { use, asked, spooled } = useOf(new Map());
      expect(await follow(ask(code), use)).toMatchObject({ code: "unknown-code" });
      expect(asked).toEqual([]);
      expect(spooled).toEqual([]);
    },
  );
});
