import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { beforeAll, describe, expect, test } from "vitest";
import { CountryTable } from "../policies/client-facts/country-table.ts";
import { compileCountryData, countryPackage } from "./country-data.ts";

describe("the data of the registries", () => {
  let table: CountryTable;
  beforeAll(() => {
    const bytes = compileCountryData();
    expect(bytes.length).toBeLessThan(5_000_000);
    table = CountryTable.read(bytes) as CountryTable;
  }, 60_000);

  test.each([4, 6])(
    "of IPv%i are found at both ends of nearly every range",
    (version) => {
      const file = `${countryPackage}/geo-whois-asn-country-ipv${version}.csv`;
      const lines = readFileSync(createRequire(import.meta.url).resolve(file), "latin1")
        .trimEnd()
        .split("\n");
      let wrong = 0;
      for (const line of lines) {
        const [first = "", last = "", country] = line.split(",");
        if (table.of(first) !== country) wrong++;
        if (table.of(last) !== country) wrong++;
      }
      expect(lines.length).toBeGreaterThan(200_000);
      // Ranges within others, and networks of two countries.
      expect(wrong / (2 * lines.length)).toBeLessThan(version === 4 ? 0.001 : 0.03);
    },
    30_000,
  );

  test("private addresses have no country", () => {
    for (const ip of [
      "127.0.0.1",
      "10.1.2.3",
      "192.168.1.1",
      "172.20.0.1",
      "100.64.0.1",
      "169.254.1.1",
      "::1",
      "fe80::1",
    ])
      expect(table.of(ip), ip).toBe("");
  });
});
