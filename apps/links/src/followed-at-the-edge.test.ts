import { describe, expect, test } from "vitest";
import type { Followed } from "./clicks/facts/click-reader.ts";
import { followedAtTheEdge } from "./followed-at-the-edge.ts";
import type { Destination, Use } from "./uses.ts";

type FollowEvent = Parameters<typeof followedAtTheEdge>[0];

const there: Destination = { to: "https://example.com/", id: 7 };

/** A cache that remembers `held`, or asks; a database whose only link is `row`; and how often that was asked. */
function useOf(
  held: ReadonlyMap<string, Destination | undefined>,
  row?: { id: bigint; target: string; state: string },
) {
  let asked = 0;
  const found = {
    selectFrom: () => found,
    select: () => found,
    where: () => found,
    executeTakeFirst: async () => {
      asked += 1;
      return row;
    },
  };
  const use = {
    db: { ...found, replica: found },
    hot: { getOrLoad: async (code: string, load: () => unknown) => (held.has(code) ? held.get(code) : load()) },
    facts: { read: (link: number, followed: Followed) => ({ link, ...followed }) },
  } as unknown as Use;
  return { use, asked: () => asked };
}

const event = (given: Partial<FollowEvent> = {}): FollowEvent => ({
  method: "GET",
  params: { code: "abc1234" },
  url: "/abc1234?from=mail",
  at: 1_700_000_000_000,
  status: 302,
  headers: { "user-agent": "Mozilla/5.0", referer: "https://example.org/" },
  client: { country: "AT", visitor: 12 },
  ...given,
});

describe("an answer of the edge", () => {
  test("is a click of the link that it belongs to, at its own time, with what its own request told", async () => {
    const { use, asked } = useOf(new Map([["abc1234", there]]));
    expect(await followedAtTheEdge(event(), use)).toEqual({
      link: 7,
      method: "GET",
      at: 1_700_000_000_000,
      client: { country: "AT", visitor: 12 },
      userAgent: "Mozilla/5.0",
      referer: "https://example.org/",
    });
    expect(await followedAtTheEdge(event({ method: "HEAD", headers: {} }), use)).toMatchObject({
      method: "HEAD",
      userAgent: undefined,
      referer: undefined,
    });
    expect(asked()).toBe(0);
  });

  test("is one also where the link has been archived since", async () => {
    const { use } = useOf(new Map([["abc1234", { archived: true, id: 9 } as const]]));
    expect(await followedAtTheEdge(event(), use)).toMatchObject({ link: 9 });
    const loaded = useOf(new Map(), { id: 11n, target: "https://example.com/", state: "archived" });
    expect(await followedAtTheEdge(event(), loaded.use)).toMatchObject({ link: 11 });
  });

  test("is one though this instance remembers that there was no such link: the database is asked", async () => {
    const { use, asked } = useOf(new Map([["abc1234", undefined]]), {
      id: 5n,
      target: "https://a.example/",
      state: "active",
    });
    expect(await followedAtTheEdge(event(), use)).toMatchObject({ link: 5 });
    expect(asked()).toBe(1);
  });

  test.each([
    [302, true],
    [304, true],
    [200, false],
    [404, false],
    [410, false],
    [504, false],
  ])("with status %i is a click: %s", async (status, isOne) => {
    const { use } = useOf(new Map([["abc1234", there]]));
    expect((await followedAtTheEdge(event({ status }), use)) !== undefined).toBe(isOne);
  });

  test("to a code that nobody has is none", async () => {
    const { use } = useOf(new Map());
    expect(await followedAtTheEdge(event(), use)).toBeUndefined();
  });

  test("whose link cannot be found out now fails as the database does, to be asked for again", async () => {
    const { use } = useOf(new Map());
    const away = { ...use, hot: { getOrLoad: () => Promise.reject(new Error("away")) } } as unknown as Use;
    await expect(followedAtTheEdge(event(), away)).rejects.toThrow("away");
  });
});
