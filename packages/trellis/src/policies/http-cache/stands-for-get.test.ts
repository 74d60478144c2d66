import { expect, test } from "vitest";
import { standsForGet } from "./stands-for-get.ts";

const address = "https://example.org/a?b=1";
const named = (location: string, status = 200) => standsForGet(status, ["content-location", location], address);

test("RFC 9110 §9.3.3: an answer to POST stands for a GET where Content-Location is its own address", () => {
  for (const location of [address, "/a?b=1", "?b=1", "https://EXAMPLE.org:443/a?b=1"])
    expect([location, named(location)]).toEqual([location, true]);
});

test("RFC 9110 §9.3.3: it does not where it names another address, or none", () => {
  for (const location of ["/a", "/b?b=1", "http://example.org/a?b=1", "https://example.com/a?b=1", "https://"])
    expect([location, named(location)]).toEqual([location, false]);
  expect(standsForGet(200, ["location", address], address)).toBe(false);
});

test("RFC 9110 §9.3.3: only a 200 holds what a GET would be told", () => {
  for (const status of [201, 202, 303, 404]) expect([status, named(address, status)]).toEqual([status, false]);
});
