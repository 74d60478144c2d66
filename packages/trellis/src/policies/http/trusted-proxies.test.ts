import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { readSettings } from "../../model/settings.ts";
import { TrustedProxies } from "./trusted-proxies.ts";

const trusting = (text?: string): TrustedProxies =>
  new TrustedProxies(readSettings(text === undefined ? {} : { TRELLIS_TRUSTED_PROXIES: text }).trustedProxies);
const request = (remoteAddress: string, headers: IncomingHttpHeaders = {}): IncomingMessage =>
  ({ socket: { remoteAddress }, headers }) as IncomingMessage;
const caller = (trusted: string | undefined, remote: string, forwarded?: string): string =>
  trusting(trusted).callerOf(request(remote, forwarded === undefined ? {} : { "x-forwarded-for": forwarded }));

describe("who the caller is", () => {
  it("is who is connected, where nobody forwards", () => {
    expect(caller(undefined, "203.0.113.9")).toBe("203.0.113.9");
    expect(caller(undefined, "::ffff:203.0.113.9")).toBe("203.0.113.9");
    expect(caller(undefined, "2001:db8::1")).toBe("2001:db8::1");
  });

  it("is who a proxy on this machine names, unless nobody is trusted", () => {
    for (const local of ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"]) {
      expect(caller(undefined, local, "203.0.113.9"), local).toBe("203.0.113.9");
      expect(caller("none", local, "203.0.113.9"), local).not.toBe("203.0.113.9");
    }
  });

  it("is never who a stranger says it is", () => {
    expect(caller(undefined, "198.51.100.1", "203.0.113.9")).toBe("198.51.100.1");
    expect(caller("10.0.0.0/8, loopback", "11.0.0.1", "203.0.113.9")).toBe("11.0.0.1");
  });

  it("is the last address that no proxy of ours has: what callers write before it is theirs to make up", () => {
    const trusted = "loopback,10.0.0.0/8,2001:db8:5::/48";
    expect(caller(trusted, "127.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.7")).toBe("203.0.113.9");
    expect(caller(trusted, "10.1.2.3", "1.1.1.1,2001:db8:9::1, 2001:db8:5::7")).toBe("2001:db8:9::1");
    expect(caller(trusted, "10.1.2.3", "10.0.0.9, 10.0.0.7")).toBe("10.0.0.9");
  });

  it("is read where proxies write ports, and ends at what is no address", () => {
    expect(caller(undefined, "127.0.0.1", "203.0.113.9:4711")).toBe("203.0.113.9");
    expect(caller(undefined, "127.0.0.1", "[2001:db8::1]:4711")).toBe("2001:db8::1");
    for (const junk of ["", "unknown", "999.1.1.1", "1.2.3", "<script>", ", ,"])
      expect(caller(undefined, "127.0.0.1", junk), junk).toBe("127.0.0.1");
    expect(caller("loopback,10.0.0.1", "127.0.0.1", "203.0.113.9, junk, 10.0.0.1")).toBe("10.0.0.1");
  });

  it("costs little where somebody sends a list without end", () => {
    expect(caller("0.0.0.0/0", "127.0.0.1", `${"10.0.0.1,".repeat(100_000)}10.0.0.2`)).toBe("10.0.0.1");
  });
});

describe("where a request was sent", () => {
  const origin = (remote: string, headers: IncomingHttpHeaders): string =>
    trusting().originOf(request(remote, headers));

  it("is what it says itself", () => {
    expect(origin("203.0.113.9", { host: "go.example" })).toBe("http://go.example");
    expect(origin("203.0.113.9", {})).toBe("http://localhost");
  });

  it("is what a trusted proxy says, and no one else", () => {
    const forwarded = {
      host: "10.0.0.7:3000",
      "x-forwarded-host": "evil, go.example",
      "x-forwarded-proto": "http, https",
    };
    expect(origin("127.0.0.1", forwarded)).toBe("https://go.example");
    expect(origin("203.0.113.9", forwarded)).toBe("http://10.0.0.7:3000");
  });

  it("is no nonsense that came through a proxy", () => {
    for (const host of ["", "a b", "go.example/path", "user@go.example", 'x"y'])
      expect(origin("127.0.0.1", { host: "go.example", "x-forwarded-host": host, "x-forwarded-proto": "ftp" })).toBe(
        "http://go.example",
      );
  });
});

it("takes whatever the settings let through", () => {
  for (const one of [
    "10.0.0.7",
    "0.0.0.0/0",
    "10.0.0.0/8",
    "2001:db8::/32",
    "::1",
    "::ffff:10.0.0.7",
    "2001:db8::7/128",
  ])
    expect(trusting(one).trusts(one.split("/")[0] ?? ""), one).toBe(true);
});
