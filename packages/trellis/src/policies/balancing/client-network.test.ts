import { expect, test } from "vitest";
import { clientNetwork } from "./client-network.ts";

test.each([
  ["192.0.2.7", "192.0.2.0/24"],
  ["192.0.2.255", "192.0.2.0/24"],
  ["::ffff:192.0.2.7", "192.0.2.0/24"],
  ["::FFFF:192.0.2.7", "192.0.2.0/24"],
  ["2001:db8:1:ab12:1::1", "2001:db8:1:ab00::/56"],
  ["2001:db8:1:ab99::2", "2001:db8:1:ab00::/56"],
  ["2001:0DB8:0001:AB99:0000:0000:0000:0002", "2001:db8:1:ab00::/56"],
  ["2001:db8::1", "2001:db8:0:0::/56"],
  ["::1", "0:0:0:0::/56"],
  ["fe80::1%eth0", "fe80:0:0:0::/56"],
  ["64:ff9b::192.0.2.7", "64:ff9b:0:0::/56"],
])("%s belongs to %s", (address, network) => {
  expect(clientNetwork(address)).toBe(network);
});

test.each(["", "unknown", "1:2:3", "1::2::3", "2001:db8::g", "1:2:3:4:5:6:7:8:9", "12345::"])(
  "what is no address stands for itself: %j",
  (text) => {
    expect(clientNetwork(text)).toBe(text);
  },
);
