import { expect, test } from "vitest";
import type { RoutingTable } from "../port.ts";
import { checkTable } from "./check-table.ts";

const good: RoutingTable = {
  version: 1,
  hosts: [
    { host: "links.localhost", service: "links" },
    { host: "*.example.org", prefix: "/api", service: "links" },
    { host: "*", service: "links" },
  ],
  services: [{ name: "links", pool: "web", hashBy: "header:x-tenant", stickyCookie: "at" }],
  pools: [
    {
      name: "web",
      upstreams: [
        { id: "web-1@1", address: { frames: "/run/web-1.sock" } },
        { id: "far", address: { url: "https://origin.example:8443" }, weight: 3, backup: true },
      ],
    },
  ],
};

const says = (change: Partial<RoutingTable>): string => {
  try {
    checkTable({ ...good, ...change });
    return "";
  } catch (error) {
    expect(error).toMatchObject({ name: "TrellisError", code: "invalid-routing" });
    return (error as Error).message;
  }
};

test("a table that fits together is taken", () => {
  expect(says({})).toBe("");
});

test("what is named and not there is told by its name", () => {
  expect(says({ services: [] })).toContain("`*.example.org/api`");
  expect(says({ services: [] })).toContain("unknown service `links`");
  expect(says({ pools: [] })).toBe("service `links`: the pool `web` is unknown");
});

test("two of a kind are told, also when they are spelt differently", () => {
  const [service] = good.services;
  const [pool] = good.pools;
  if (!service || !pool) throw new Error("the good table has both");
  expect(says({ services: [service, service] })).toBe("there are two of the service `links`");
  expect(says({ pools: [pool, { ...pool, name: "other" }] })).toContain("there are two of the upstream `far`");
  expect(
    says({
      hosts: [
        { host: "A.test", prefix: "/x", service: "links" },
        { host: "a.test", prefix: "/x/", service: "links" },
      ],
    }),
  ).toBe("there are two of the rule for `a.test/x`");
});

test.each([
  [{ hosts: [{ host: "a.test:80", service: "links" }] }, "`a.test:80` is no host"],
  [{ hosts: [{ host: "a.*.test", service: "links" }] }, "`a.*.test` is no host"],
  [{ hosts: [{ host: "", service: "links" }] }, "`` is no host"],
  [{ hosts: [{ host: "a.test", prefix: "api", service: "links" }] }, "the prefix `api` of `a.test` is no path"],
  [
    { services: [{ name: "links", pool: "web", balance: "best" as "p2c" }] },
    "`best` is no way of balancing; there are p2c,",
  ],
  [{ services: [{ name: "links", pool: "web", hashBy: "header:" as const }] }, "`hashBy` is `path` or"],
  [{ services: [{ name: "links", pool: "web", stickyCookie: "a b" }] }, "cannot be the name of a cookie"],
  [{ services: [{ name: "links", pool: "web", timeoutMs: 0 }] }, "`timeoutMs` must be more than 0"],
  [{ services: [{ name: "links", pool: "web", holdMs: -1 }] }, "`holdMs` must not be less than 0"],
  [
    { services: [{ name: "links", pool: "web", rateLimits: [{ by: "client" as const, perSecond: 0, burst: 5 }] }] },
    "a rate limit needs",
  ],
  [
    { pools: [{ name: "web", upstreams: [], canary: { release: 2, share: 1.5 } }] },
    "the canary's share is from 0 to 1",
  ],
  [{ pools: [{ name: "web", upstreams: [], healthPath: "ready" }] }, "the health path `ready` is no path"],
  ...["ftp://a", "http://a/path", "a.example", "http://user@a", "http://a?x"].map(
    (url): [Partial<RoutingTable>, string] => [
      { pools: [{ name: "web", upstreams: [{ id: "one", address: { url } }] }] },
      `the URL \`${url}\` of \`one\` is not of the form`,
    ],
  ),
  [
    { pools: [{ name: "web", upstreams: [{ id: "one", address: { url: "http://a" }, weight: 0 }] }] },
    "the weight of `one` is more than 0 and at most 100, not 0",
  ],
] as [Partial<RoutingTable>, string][])("refused with its place: %j", (change, problem) => {
  expect(says(change)).toContain(problem);
});

test("all problems are told at once", () => {
  const told = says({ services: [{ name: "links", pool: "web", timeoutMs: 0, queueMax: -1 }] });
  expect(told.split("; ")).toHaveLength(2);
});
