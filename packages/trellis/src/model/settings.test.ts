import { expect, test } from "vitest";
import { readSettings } from "./settings.ts";

test.each([
  ["https://go.example", "https://go.example"],
  ["https://GO.example:443/", "https://go.example"],
  ["http://10.0.0.7:8080", "http://10.0.0.7:8080"],
  ["", ""],
])("the public address %j is %j", (text, origin) => {
  expect(readSettings({ TRELLIS_ORIGIN: text }).origin).toBe(origin);
});

test.each([
  "go.example",
  "ftp://go.example",
  "https://go.example/links",
  "https://me:hush@go.example",
  "https://a?b=c",
])("the public address %j is refused, with the cure", (text) => {
  expect(() => readSettings({ TRELLIS_ORIGIN: text })).toThrow(
    expect.objectContaining({ code: "invalid-setting", cure: expect.stringContaining("https://go.example") }),
  );
});

test.each([
  ...["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "1.2.3", "1.2.3.4.", "01.2.3.4", "256.1.1.1", "2001:db8::/129"],
  ...["proxy.example", "1::2::3", "::1%eth0", "none,loopback", "10.0.0.7,,10.0.0.8"],
])("a proxy %j is refused by the plan already, saying what to write", (text) => {
  expect(() => readSettings({ TRELLIS_TRUSTED_PROXIES: text })).toThrow(
    expect.objectContaining({ code: "invalid-setting", cure: expect.stringContaining("10.0.0.0/8") }),
  );
});

test.each([
  ["3", 3],
  ["2..8", { min: 2, max: 8 }],
  ["0..3", { min: 0, max: 3 }],
])("%s web instances are %j", (text, count) => {
  expect(readSettings({ TRELLIS_WEB: text }).webInstances).toEqual(count);
});

test.each(["0", "many", "8..2", "0..0", "2..", "..2", "1..257", "-1..2", "1.5", "2...8"])(
  "%j web instances are refused, with a range that could be written",
  (text) => {
    expect(() => readSettings({ TRELLIS_WEB: text })).toThrow(
      expect.objectContaining({ code: "invalid-setting", cure: expect.stringContaining("2..8") }),
    );
  },
);
