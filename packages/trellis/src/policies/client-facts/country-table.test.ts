import { describe, expect, test } from "vitest";
import { compileCountries } from "./compile-countries.ts";
import { CountryTable } from "./country-table.ts";

function tableOf(v4: readonly string[], v6: readonly string[] = []): CountryTable {
  const table = CountryTable.read(compileCountries(v4.join("\n"), v6.join("\n")));
  if (!table) throw new Error("What was written could not be read");
  return table;
}

describe("a table of countries", () => {
  test("knows the first and the last address of each range, and nothing around them", () => {
    const table = tableOf(["1.0.0.0,1.0.0.255,AU", "1.0.1.0,1.0.1.255,CN", "3.0.0.0,3.0.0.0,DE"]);
    const asked = ["0.255.255.255", "1.0.0.0", "1.0.0.255", "1.0.1.0", "1.0.1.255", "1.0.2.0", "3.0.0.0", "3.0.0.1"];
    expect(asked.map((ip) => table.of(ip))).toEqual(["", "AU", "AU", "CN", "CN", "", "DE", ""]);
  });

  test("reaches from the first to the last address that there is", () => {
    const table = tableOf(
      ["0.0.0.0,127.255.255.255,AA", "128.0.0.0,255.255.255.255,BB"],
      ["::,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,CC"],
    );
    expect(["0.0.0.0", "126.255.255.255", "128.0.0.0", "255.255.255.255"].map((ip) => table.of(ip))).toEqual([
      ...["AA", "AA", "BB", "BB"],
    ]);
    expect(["::1", "ffff::ffff"].map((ip) => table.of(ip))).toEqual(["CC", "CC"]);
  });

  test("of ranges in each other the inner one holds, and behind it the outer one again", () => {
    const table = tableOf([
      "1.0.0.0,1.0.0.255,AU",
      "1.0.0.0,1.0.0.63,SK",
      "1.0.0.16,1.0.0.16,FR",
      "1.0.0.255,1.0.0.255,IT",
    ]);
    const asked = ["1.0.0.0", "1.0.0.15", "1.0.0.16", "1.0.0.17", "1.0.0.64", "1.0.0.254", "1.0.0.255", "1.0.1.0"];
    expect(asked.map((ip) => table.of(ip))).toEqual(["SK", "SK", "FR", "SK", "AU", "AU", "IT", ""]);
  });

  test("an IPv6 network of two countries is the first one's", () => {
    const table = tableOf(
      [],
      ["2001:db8::,2001:db8:0:1:7fff:ffff:ffff:ffff,DE", "2001:db8:0:1:8000::,2001:db8:0:2:ffff:ffff:ffff:ffff,FR"],
    );
    const asked = ["2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:1:ffff::", "2001:db8:0:2::", "2001:db8:0:3::"];
    expect(asked.map((ip) => table.of(ip))).toEqual(["DE", "DE", "DE", "FR", ""]);
  });

  test("what is no address has no country", () => {
    const table = tableOf(["0.0.0.0,255.255.255.255,AA"]);
    for (const ip of ["", "unknown", "1.2.3"]) expect(table.of(ip)).toBe("");
  });

  test("a file that was cut, or is none, is not read", () => {
    const bytes = compileCountries("1.0.0.0,1.0.0.255,AU", "");
    expect(CountryTable.read(bytes)).toBeDefined();
    for (const wrong of [
      bytes.slice(0, -1),
      new Uint8Array(0),
      new Uint8Array(bytes.length),
      new Uint8Array([...bytes, 0]),
    ])
      expect(CountryTable.read(wrong)).toBeUndefined();
  });

  test("lines that are no ranges are refused, not skipped", () => {
    for (const line of [
      "1.0.0.0,1.0.0.255",
      "1.0.0.0,::1,DE",
      "x,y,DE",
      "1.0.0.0,1.0.0.255,DEU",
      "1.0.0.0,1.0.0.255,é ",
    ])
      expect(() => compileCountries(line, "")).toThrow(SyntaxError);
  });
});
