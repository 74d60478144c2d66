import { expect, test } from "vitest";
import type { HostRule } from "../port.ts";
import { HostRoutes } from "./host-routes.ts";

const rule = (host: string, service: string, prefix?: string): HostRule =>
  prefix === undefined ? { host, service } : { host, service, prefix };

function routesOf(...rules: HostRule[]): (authority: string, target?: string) => string | undefined {
  const routes = new HostRoutes(rules, ({ service }) => service);
  return (authority, target = "/") => routes.find(authority, target);
}

test("a host is known whatever its case, port and last dot", () => {
  const find = routesOf(rule("links.localhost", "links"), rule("Example.ORG", "shop"), rule("[::1]", "six"));
  for (const spelling of ["links.localhost", "links.localhost:3000", "links.localhost.", "LINKS.localhost.:80"])
    expect(find(spelling)).toBe("links");
  expect(find("example.org:443")).toBe("shop");
  expect(find("[::1]:3000")).toBe("six");
  expect(find("[::2]:3000")).toBeUndefined();
  expect(find("links.localhost.evil")).toBeUndefined();
  expect(find("")).toBeUndefined();
});

test("the host itself comes before the closest wildcard, and that before any other", () => {
  const find = routesOf(
    rule("*", "any"),
    rule("*.example.org", "far"),
    rule("*.shop.example.org", "near"),
    rule("a.shop.example.org", "itself"),
  );
  expect(find("a.shop.example.org")).toBe("itself");
  expect(find("b.shop.example.org:80")).toBe("near");
  expect(find("x.b.shop.example.org")).toBe("near");
  expect(find("shop.example.org")).toBe("far");
  expect(find("example.org")).toBe("any");
  expect(find("notexample.org")).toBe("any");
});

test("the longest prefix of whole segments wins", () => {
  const find = routesOf(rule("a.test", "root"), rule("a.test", "api", "/api/"), rule("a.test", "old", "/api/v1"));
  const found = ["/", "/api", "/api?x=1", "/api/v2", "/apis", "/api/v1", "/api/v1/links", "/api/v10", "*"].map(
    (target) => find("a.test", target),
  );
  expect(found).toEqual(["root", "api", "api", "api", "root", "old", "old", "api", "root"]);
});

test("where the closest host has nothing at a path, the next one is asked", () => {
  const find = routesOf(rule("a.test", "api", "/api"), rule("*.test", "pages", "/pages"), rule("*", "rest"));
  expect(["/api/x", "/pages", "/other"].map((target) => find("a.test", target))).toEqual(["api", "pages", "rest"]);
});

test("a flood of made-up spellings does not fill the memory", () => {
  const find = routesOf(rule("a.test", "a"));
  for (let port = 1; port <= 5_000; port++) expect(find(`a.test:${port}`)).toBe("a");
});
