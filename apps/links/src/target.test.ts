import { describe, expect, test } from "vitest";
import { checkTarget, ownAddresses } from "./target.ts";

const local = "http://localhost:3000";
const reason = (target: string, origin = "https://go.example") => {
  const checked = checkTarget(target, [origin]);
  return typeof checked === "string" ? undefined : checked.detail.reason;
};

test("an ordinary address is kept as it was typed", () => {
  for (const target of ["https://example.com", "http://example.com/a?b=c#d", "HTTPS://Example.com:8443/%7Ea"])
    expect(checkTarget(target, ["https://go.example"])).toBe(target);
});

test("what a `location` header cannot carry is written so that it can", () => {
  expect(checkTarget("https://exämple.com/ü?q=é", [local])).toBe("https://xn--exmple-cua.com/%C3%BC?q=%C3%A9");
  expect(checkTarget(" https://example.com/a b\r\nset-cookie:x ", [local])).toBe(
    "https://example.com/a%20bset-cookie:x",
  );
});

test("what browsers would read as a path on the redirecting host is written in full", () => {
  expect(checkTarget("https:example.com/x", [local])).toBe("https://example.com/x");
  expect(checkTarget("https:/example.com/x", [local])).toBe("https://example.com/x");
  expect(checkTarget("https:\\\\example.com\\x", [local])).toBe("https://example.com/x");
});

describe("refused are", () => {
  test.each([
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "\u0001javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "vbscript:x",
    "blob:https://example.com/1",
    "about:blank",
    "ftp://example.com/",
    "intent://x#Intent;scheme=http;end",
    "mailto:a@example.com",
    "/relative",
    "example.com",
  ])("other schemes: %j", (target) => {
    expect(reason(target)).toBe("not-http");
  });

  test("credentials", () => {
    expect(reason("https://user:secret@example.com/")).toBe("credentials");
    expect(reason("https://bank.example@evil.example/")).toBe("credentials");
  });

  test("what is too long once it is written for a `location` header", () => {
    expect(reason(`https://example.com/${"a".repeat(2_028)}`)).toBeUndefined();
    expect(reason(`https://example.com/${"a".repeat(2_029)}`)).toBe("too-long");
    expect(reason(`https://example.com/${"é".repeat(500)}`)).toBe("too-long");
  });

  test.each([
    "https://go.example/abc1234",
    "http://go.example/abc1234",
    "https://GO.example./abc1234",
    "https://go.example:443/",
  ])("our own addresses: %s", (target) => {
    expect(reason(target)).toBe("own-address");
  });

  test.each([
    "http://localhost:3000/abc",
    "http://localhost.:3000/abc",
    "http://127.0.0.1:3000/abc",
    "http://127.1.2.3:3000/abc",
    "http://2130706433:3000/abc",
    "http://0x7f.1:3000/abc",
    "http://0.0.0.0:3000/abc",
    "http://[::1]:3000/abc",
    "http://[::ffff:127.0.0.1]:3000/abc",
    "http:localhost:3000/abc",
  ])("our own addresses by another of this machine's names: %s", (target) => {
    expect(reason(target, local)).toBe("own-address");
    expect(reason(target, "http://127.0.0.1:3000")).toBe("own-address");
    expect(reason(target, "http://[::1]:3000")).toBe("own-address");
  });
});

test("refused are both addresses of an app that its callers reach by another one than the public", () => {
  const own = ownAddresses({ origin: "https://go.example", header: () => "10.0.0.7:3000" });
  for (const target of ["https://go.example/abc1234", "http://10.0.0.7:3000/abc1234"])
    expect(checkTarget(target, own)).toMatchObject({ detail: { reason: "own-address" } });
  expect(checkTarget("http://10.0.0.8:3000/", own)).toBe("http://10.0.0.8:3000/");
});

test("other ports and other hosts are others' addresses", () => {
  expect(reason("http://localhost:5173/", local)).toBeUndefined();
  expect(reason("https://go.example:8443/")).toBeUndefined();
  expect(reason("https://notgo.example/")).toBeUndefined();
  expect(reason("https://go.example.evil.example/")).toBeUndefined();
});

test("a `host` header that makes no address harms nothing", () => {
  expect(checkTarget("https://example.com/", ["http://a b"])).toBe("https://example.com/");
});

test("the failure names the field, and says why in a sentence", () => {
  expect(checkTarget("data:,x", [local])).toMatchObject({
    code: "target-refused",
    detail: { field: "target", reason: "not-http", says: expect.stringContaining("http://") },
  });
});
