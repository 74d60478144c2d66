import { testRandom } from "trellis/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { Traffic, type Visit } from "./traffic.ts";
import { readTrafficData, type TrafficData } from "./traffic-data.ts";

const clicks = 20_000;
let data: TrafficData;
let visits: readonly Visit[];

beforeAll(() => {
  data = readTrafficData();
  const traffic = new Traffic(data, 500, testRandom(7));
  visits = Array.from({ length: clicks }, () => traffic.next());
}, 30_000);

const share = (fits: (visit: Visit) => boolean) => visits.filter(fits).length / clicks;

describe("replayed clicks", () => {
  test("are made of the packages' browsers, robots, sites and networks", () => {
    expect(data.browsers.length).toBe(10_000);
    expect(data.robots.length).toBeGreaterThan(2_000);
    expect(data.referrers.length).toBeGreaterThan(1_500);
    expect(data.networks.length).toBeGreaterThan(300_000);
    const known = new Set([...data.browsers.map(({ userAgent }) => userAgent), ...data.robots]);
    expect(visits.filter(({ userAgent }) => !known.has(userAgent))).toEqual([]);
  });

  test("follow the links by Zipf's law", () => {
    const perLink = new Array<number>(500).fill(0);
    for (const { link } of visits) perLink[link] = (perLink[link] ?? 0) + 1;
    // Of the 500th harmonic number, 6.79, the first link has one and the tenth a tenth.
    expect((perLink[0] ?? 0) / clicks).toBeCloseTo(1 / 6.79, 1);
    expect((perLink[0] ?? 0) / (perLink[9] ?? 1)).toBeGreaterThan(7);
    expect(perLink.filter((count) => count > 0).length).toBeGreaterThan(450);
  });

  test("come from people mostly, some of them again, from robots, and from those who only ask", () => {
    const robots = new Set(data.robots);
    expect(share(({ userAgent }) => robots.has(userAgent))).toBeCloseTo(0.22, 1);
    expect(share(({ method }) => method === "HEAD")).toBeCloseTo(0.02, 2);
    const people = visits.filter(({ userAgent }) => !robots.has(userAgent));
    const different = new Set(people.map(({ ip, userAgent }) => `${ip} ${userAgent}`)).size;
    expect(different).toBeLessThan(people.length * 0.95);
    expect(different).toBeGreaterThan(people.length * 0.5);
  });

  test("have addresses that lie in a network of the registries, and referrers for half of all people", () => {
    const numbers = visits
      .slice(0, 50)
      .map(({ ip }) => ip.split(".").reduce((sum, part) => sum * 256 + Number(part), 0));
    for (const number of numbers)
      expect(data.networks.some(([first, last]) => first <= number && number <= last)).toBe(true);
    expect(share(({ referer }) => referer !== undefined)).toBeCloseTo(0.39, 1);
    for (const { referer } of visits) if (referer !== undefined) expect(URL.canParse(referer)).toBe(true);
  });
});
