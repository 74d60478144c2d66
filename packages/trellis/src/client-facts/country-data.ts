import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { compileCountries } from "../policies/client-facts/compile-countries.ts";

/** An app that wants to know countries installs it beside Trellis. */
export const countryPackage = "@ip-location-db/geo-whois-asn-country";
const require = createRequire(import.meta.url);

/** Which data a table is made of: another version makes another table. Undefined where the package is not installed. */
export function countryDataVersion(): string | undefined {
  const manifest = manifestPath();
  if (manifest === undefined) return undefined;
  const { version } = JSON.parse(readFileSync(manifest, "utf8"));
  return String(version);
}

/** Where what is made of the packages may be kept, by whoever may install them; then `folder`, which is the app's own. */
export function countryTableFolders(folder: string): readonly string[] {
  const manifest = manifestPath();
  return manifest === undefined ? [folder] : [join(dirname(manifest), "../../.cache/trellis"), folder];
}

/** The table of all ranges that the registries and the routers of the world know. */
export function compileCountryData(): Uint8Array<ArrayBuffer> {
  const read = (name: string): string => readFileSync(require.resolve(`${countryPackage}/${name}`), "latin1");
  return compileCountries(read("geo-whois-asn-country-ipv4.csv"), read("geo-whois-asn-country-ipv6.csv"));
}

function manifestPath(): string | undefined {
  try {
    return require.resolve(`${countryPackage}/package.json`);
  } catch {
    return undefined;
  }
}
