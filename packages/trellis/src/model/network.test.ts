import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { expect, it } from "vitest";
import { TrustedProxies } from "../policies/http/trusted-proxies.ts";
import { addressGroups, isNetwork } from "./network.ts";

const addresses = fc.oneof(fc.ipV4(), fc.ipV6());

it("takes for an address what node takes for one, and nothing else", () => {
  const nearly = fc.stringMatching(/^[0-9a-f:.]{0,12}$/);
  fc.assert(
    fc.property(fc.oneof(addresses, nearly), (text) => {
      expect(addressGroups(text) !== undefined, text).toBe(isIP(text) !== 0);
    }),
    { numRuns: 3_000 },
  );
});

it("finds an address in a network exactly where node does", () => {
  const property = fc.property(addresses, addresses, fc.nat(), (base, address, any) => {
    const bits = any % (base.includes(":") ? 129 : 33);
    expect(isNetwork(`${base}/${bits}`)).toBe(true);
    const list = new BlockList();
    list.addSubnet(base, bits, isIP(base) === 6 ? "ipv6" : "ipv4");
    const expected = list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
    // To us all of IPv4 is a part of IPv6, to node only where the families are the same.
    if (isIP(base) === isIP(address)) expect(new TrustedProxies(`${base}/${bits}`).trusts(address)).toBe(expected);
  });
  fc.assert(property, { numRuns: 2_000 });
});

it("takes IPv4 within IPv6 for IPv4", () => {
  expect(addressGroups("::ffff:10.0.0.7")).toEqual(addressGroups("10.0.0.7"));
  expect(new TrustedProxies("10.0.0.0/8").trusts("::ffff:10.1.2.3")).toBe(true);
});
