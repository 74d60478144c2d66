import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { testRandom } from "trellis/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { nameCharactersMax } from "../click.ts";
import { UserAgents } from "./user-agents.ts";

const require = createRequire(import.meta.url);
const json = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
const browsers = json(join(dirname(require.resolve("user-agents")), "user-agents.json")) as {
  userAgent: string;
  deviceCategory: string;
}[];
const crawlers = json(require.resolve("crawler-user-agents")) as {
  pattern: string;
  tags?: string[];
  instances: string[];
}[];

let agents: UserAgents;
beforeAll(() => {
  agents = new UserAgents();
});

describe("real user agents", () => {
  test("10,000 browsers are all people, on the kind of device that they were seen on", () => {
    expect(browsers.length).toBe(10_000);
    expect(browsers.filter(({ userAgent }) => agents.facts(userAgent).series !== "humans")).toEqual([]);
    const sameDevice = browsers.filter(
      ({ userAgent, deviceCategory }) => agents.facts(userAgent).device === deviceCategory,
    ).length;
    expect(sameDevice / browsers.length).toBeGreaterThan(0.98);
  });

  test("have a browser and a system that are known by name, of which there are few", () => {
    const names = { browser: new Set<string>(), os: new Set<string>() };
    for (const { userAgent } of browsers) {
      names.browser.add(agents.facts(userAgent).browser);
      names.os.add(agents.facts(userAgent).os);
    }
    for (const known of ["Chrome", "Safari", "Firefox", "Edge", "Samsung Internet"])
      expect(names.browser).toContain(known);
    for (const known of ["Windows", "Android", "iOS", "Mac OS", "Linux"]) expect(names.os).toContain(known);
    expect(names.browser.size + names.os.size).toBeLessThan(60);
  });

  test("2,118 robots are none of them people, and previews are those that the list calls so", () => {
    const told = crawlers.flatMap(({ instances }) => instances).map((instance) => agents.facts(instance));
    expect(told.length).toBe(2_118);
    expect(told.filter(({ series }) => series === "humans")).toEqual([]);
    expect(told.filter(({ bot }) => bot === "")).toEqual([]);
    for (const [pattern, kind] of [
      ["Twitterbot", "previews"],
      ["Slackbot", "previews"],
      ["facebookexternalhit", "previews"],
      ["WhatsApp", "previews"],
      ["Googlebot\\/", "bots"],
      ["bingbot", "bots"],
      ["AhrefsBot", "bots"],
    ] as const) {
      const entry = crawlers.find((one) => one.pattern === pattern || one.pattern.startsWith(pattern));
      for (const instance of entry?.instances ?? [pattern]) expect(agents.facts(instance).series, instance).toBe(kind);
    }
  });

  test("robots are named as they name themselves", () => {
    expect(agents.facts("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")).toMatchObject({
      bot: "search-engine",
      crawler: "Googlebot",
      browser: "",
    });
    expect(agents.facts("curl/8.7.1")).toMatchObject({ bot: "http-library", crawler: "curl" });
    expect(agents.facts("Wget/1.21")).toMatchObject({ crawler: "wget" });
    for (const name of crawlers.flatMap(({ instances }) => instances.map((one) => agents.facts(one).crawler)))
      expect(name).not.toMatch(/[\\^$*()[\]]/);
  });
});

describe("what nobody has listed", () => {
  test.each([
    "",
    "-",
    "my-script",
    "acme-fetcher/2.0",
    "SomeNewBot/1.0 (+https://example.com)",
    "Mozilla/5.0 HeadlessChrome/1",
  ])("%j is a robot all the same", (userAgent) => {
    expect(agents.facts(userAgent)).toMatchObject({ series: "bots" });
  });

  test("noise of any length and kind throws nothing and fits the click's schema", () => {
    const random = testRandom(3);
    const parts = [
      "Mozilla/5.0 ",
      "(",
      ")",
      "Chrome/",
      "Safari",
      " ",
      ";",
      "Android",
      "iPhone OS ",
      "9".repeat(50),
      "\\",
      "é",
    ];
    for (let turn = 0; turn < 2_000; turn++) {
      const userAgent = Array.from(
        { length: 1 + Math.floor(random() * 300) },
        () => parts[Math.floor(random() * parts.length)],
      ).join("");
      for (const name of Object.values(agents.facts(userAgent)))
        expect(name.length).toBeLessThanOrEqual(nameCharactersMax);
    }
  });
});
