import { expect, test } from "vitest";
import { checkCountries } from "./country-checks.ts";

test("an app without the data of countries is well, and is told in one line how to get it", () => {
  expect(checkCountries(undefined)).toEqual({
    check: "countries",
    state: "ok",
    says: "unknown; npm install @ip-location-db/geo-whois-asn-country makes them known",
  });
});

test("where it is installed its version is told", () => {
  expect(checkCountries("2.3.4")).toMatchObject({ state: "ok", says: expect.stringContaining("2.3.4") });
});
