import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { compileCountries } from "./compile-countries.ts";

const packageName = "@ip-location-db/geo-whois-asn-country";
const require = createRequire(import.meta.url);

/** Which data a table is made of: another version makes another table. */
export function countryDataVersion(): string {
  const { version } = JSON.parse(readFileSync(require.resolve(`${packageName}/package.json`), "utf8"));
  return String(version);
}

/** Where whoever installed the packages may keep what is made of them: one table for all data folders of a machine. */
export function packagesCacheFolder(): string {
  return join(dirname(require.resolve(`${packageName}/package.json`)), "../../.cache/links");
}

/** The table of all ranges that the registries and the routers of the world know. */
export function compileCountryData(): Uint8Array<ArrayBuffer> {
  const read = (name: string): string => readFileSync(require.resolve(`${packageName}/${name}`), "latin1");
  return compileCountries(read("geo-whois-asn-country-ipv4.csv"), read("geo-whois-asn-country-ipv6.csv"));
}
