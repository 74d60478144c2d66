import { describe, expect, test } from "vitest";
import { ClientFacts } from "./client-facts.ts";
import { userAgentCharactersMax } from "./fingerprints.ts";
import { Salts } from "./salts.ts";

const dayMs = 86_400_000;
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/** One process that has today's salt, which is as its day says. */
async function opened(nowMs = 0) {
  const salts = new Salts({
    saltOf: async (day) => new Uint8Array(32).map((_, index) => (day * 131 + index * 17) & 0xff),
  });
  await salts.prepare(nowMs);
  const facts = new ClientFacts({ of: (ip) => (ip === "8.8.8.8" ? "US" : "") }, salts);
  return (ip: string, userAgent = firefox, atMs = nowMs) => facts.of(ip, userAgent, atMs);
}

test("the same person is the same visitor all day, in every process, and another one the next day", async () => {
  const [one, other, next] = [await opened(), await opened(), await opened(dayMs)];
  const { country, visitor } = one("8.8.8.8");
  expect(country).toBe("US");
  expect(visitor).toBeDefined();
  expect(other("8.8.8.8", firefox, dayMs / 2).visitor).toBe(visitor);
  expect(next("8.8.8.8", firefox, dayMs).visitor).not.toBe(visitor);
});

test("an address is the same however it is written, and without one there is no visitor", async () => {
  const of = await opened();
  expect(of("::ffff:8.8.4.4").visitor).toBe(of("8.8.4.4").visitor);
  expect(of("2001:DB8:0::0:1").visitor).toBe(of("2001:db8::1").visitor);
  expect(of("").visitor).toBeUndefined();
  expect(of("unknown").visitor).toBeUndefined();
});

test("nobody is told apart while the day's salt is not known", () => {
  const facts = new ClientFacts({ of: () => "" }, new Salts({ saltOf: () => new Promise(() => undefined) }));
  expect(facts.of("8.8.8.8", firefox, 0).visitor).toBeUndefined();
});

test("a user agent counts as far as it is read, and not beyond", async () => {
  const of = await opened();
  const long = "x".repeat(userAgentCharactersMax);
  expect(of("8.8.8.8", `${long}y`).visitor).toBe(of("8.8.8.8", long).visitor);
  expect(of("8.8.8.8", long.slice(1)).visitor).not.toBe(of("8.8.8.8", long).visitor);
  expect(of("8.8.8.8", "").visitor).not.toBe(of("8.8.8.8", "\0").visitor);
});

describe("a hundred thousand people are told apart and spread as chance would have it", () => {
  const people = Array.from({ length: 100_000 }, (_, index) => index);
  const parts = (index: number): string => [index >>> 16, (index >>> 8) & 255, index & 255].join(".");

  test.each([
    ["by IPv4", (index: number) => [`10.${parts(index)}`, firefox]],
    [
      "by the network of IPv6",
      (index: number) => [`2001:db8:${(index >>> 16).toString(16)}:${(index & 0xffff).toString(16)}::1`, firefox],
    ],
    [
      "by the device of IPv6",
      (index: number) => [`2001:db8::${(index >>> 16).toString(16)}:${(index & 0xffff).toString(16)}`, firefox],
    ],
    ["by the browser", (index: number) => ["10.0.0.1", `${firefox} ${index.toString(36)}`]],
  ] as const)("%s", async (_, person) => {
    const of = await opened();
    const visitors = people.map((index) => {
      const [ip = "", userAgent] = person(index);
      return of(ip, userAgent).visitor ?? -1;
    });
    expect(visitors.every((visitor) => Number.isSafeInteger(visitor) && visitor >= 0)).toBe(true);
    // Browsers have 32 bits, so that one or two of a hundred thousand may share theirs; addresses share nothing.
    expect(new Set(visitors).size).toBeGreaterThan(people.length - 8);
    for (const bits of [(visitor: number) => Math.floor(visitor / 2 ** 43), (visitor: number) => visitor % 1_024])
      expect(unevenness(visitors.map(bits), 1_024)).toBeLessThan(5);
  });
});

/** By how many standard deviations the chi-squared of so many equally likely values is off. */
function unevenness(values: readonly number[], kinds: number): number {
  const counts = new Float64Array(kinds);
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  const expected = values.length / kinds;
  const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return Math.abs(chiSquared - (kinds - 1)) / Math.sqrt(2 * (kinds - 1));
}
