import { expect, test } from "vitest";
import { parseIp } from "./ip-address.ts";

test.each([
  ["0.0.0.0", { version: 4, high: 0, low: 0, whole: true }],
  ["255.255.255.255", { version: 4, high: 0, low: 2 ** 32 - 1, whole: true }],
  ["8.8.4.4", { version: 4, high: 0, low: 0x08080404, whole: true }],
  ["::ffff:8.8.4.4", { version: 4, high: 0, low: 0x08080404, whole: true }],
  ["::FFFF:808:404", { version: 4, high: 0, low: 0x08080404, whole: true }],
  ["::", { version: 6, high: 0, low: 0, whole: true }],
  ["::1", { version: 6, high: 0, low: 0, whole: false }],
  ["2001:db8::", { version: 6, high: 0x20010db8, low: 0, whole: true }],
  ["2001:db8:1:2::", { version: 6, high: 0x20010db8, low: 0x10002, whole: true }],
  ["2001:db8:1:2:3:4:5:6", { version: 6, high: 0x20010db8, low: 0x10002, whole: false }],
  ["2001:db8::1:2", { version: 6, high: 0x20010db8, low: 0, whole: false }],
  ["1::8", { version: 6, high: 0x10000, low: 0, whole: false }],
  ["1:2:3:4:5:6:7::", { version: 6, high: 0x10002, low: 0x30004, whole: false }],
  ["64:ff9b::1.2.3.4", { version: 6, high: 0x64ff9b, low: 0, whole: false }],
  ["fe80::1%eth0", { version: 6, high: 0xfe800000, low: 0, whole: false }],
] as const)("%s", (text, address) => {
  expect(parseIp(text)).toEqual(address);
});

test.each([
  ...["", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1..2.3", "1.2.3.4 ", "a.b.c.d", ".1.2.3", "1.2.3.", "-1.2.3.4"],
  ...[
    ":",
    ":::",
    "1:2",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
    "12345::",
    "g::",
    "1:2:3:4:5:6:7:8::",
    ":1::",
    "1:",
  ],
  ...["::1.2.3", "1:2:3:4:5:6:7:1.2.3.4", "::ffff:1.2.3.4:5", "unknown", "_hidden"],
])("%j is no address", (text) => {
  expect(parseIp(text)).toBeUndefined();
});
