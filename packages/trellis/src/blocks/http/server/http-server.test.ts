import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rawExchange } from "../endpoint/raw-exchange.contract.ts";
import { type OpenShop, openShop } from "../endpoint/shop.contract.ts";

let shop: OpenShop;
beforeAll(async () => {
  shop = await openShop({ timeouts: { headMs: 60, requestMs: 120, lookEveryMs: 10 } });
});
afterAll(() => shop.close());

const answerTo = async (request: string): Promise<{ readonly status: number; readonly code: string | undefined }> => {
  const text = (await rawExchange(shop.port, request)).toString();
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(text) ?? [];
  return { status: Number(status), code: /"code":"([\w-]+)"/.exec(text)?.[1] };
};
const get = (target: string, ...headers: string[]): string =>
  `GET ${target} HTTP/1.1\r\n${[...headers, "Connection: close"].join("\r\n")}\r\n\r\n`;
const malformed = { status: 400, code: "malformed-request" };

describe("a request that two servers could read differently is refused", () => {
  it.each([
    ["without a host", get("/items/1")],
    ["with two hosts", get("/items/1", "Host: a", "Host: b")],
    ["with a host that is none", get("/items/1", "Host: a/b")],
    ["with a host that hides an address", get("/items/1", "Host: a@b")],
    ["with a port that is none", get("/items/1", "Host: a:123456")],
    ["with an empty transfer encoding", get("/items/1", "Host: a", "Transfer-Encoding:")],
    [
      "with a length and a transfer encoding",
      `POST /items HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ["with two lengths", `POST /items HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
    ["with a length that is none", `POST /items HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na`],
    ["with a space before a colon", get("/items/1", "Host : a")],
    ["with a folded header", get("/items/1", "Host: a", "X: 1", " 2")],
    ["with a line break in a header", get("/items/1", "Host: a", "X: 1\r2")],
    ["with a NUL in a header", get("/items/1", "Host: a", "X: \0")],
    ["for * by a GET", get("*", "Host: a")],
    ["for an address without a slash", get("items/1", "Host: a")],
    ["for an address of another host", get("http://b/items/1", "Host: a")],
    ["of HTTP/0.9", "GET /items/1\r\nHost: a\r\n\r\n"],
    ["of no version of HTTP", "GET / HTTP/9.9\r\nHost: a\r\n\r\n"],
    ["that is not HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
  ])("%s", async (_, request) => {
    expect(await answerTo(request)).toMatchObject({ status: 400 });
  });

  it("as a problem with a code", async () => {
    expect(await answerTo(get("/items/1", "Host: a", "Host: b"))).toEqual(malformed);
    expect(await answerTo(get("/items/1", "Host : a"))).toEqual(malformed);
  });
});

it.each([
  ["a name", "Host: links.example"],
  ["a name and a port", "Host: localhost:3000"],
  ["an IPv6 address", "Host: [::1]:3000"],
  ["a name with an underscore", "Host: app_1:80"],
])("takes %s for a host", async (_, host) => {
  expect(await answerTo(get("/items/1", host))).toMatchObject({ status: 200 });
});

it("takes an absolute address of its own host", async () => {
  expect(await answerTo(get("http://A:80/items/1", "Host: a:80"))).toMatchObject({ status: 200 });
});

describe("what is too large is told apart", () => {
  it("an address", async () => {
    expect(await answerTo(get(`/items?tag=${"x".repeat(9_000)}`, "Host: a"))).toEqual({
      status: 414,
      code: "address-too-long",
    });
    expect(await answerTo(get(`/items?tag=${"x".repeat(40_000)}`, "Host: a"))).toEqual({
      status: 414,
      code: "address-too-long",
    });
  });

  it("headers", async () => {
    const huge = get("/items/1", "Host: a", `X: ${"x".repeat(20_000)}`);
    expect(await answerTo(huge)).toEqual({ status: 431, code: "headers-too-large" });
  });
});

describe("a request that comes too slowly", () => {
  it("is given up in its head", async () => {
    expect(await answerTo("GET /items/1 HTTP/1.1\r\nHost: a\r\n")).toEqual({ status: 408, code: "request-timeout" });
  });

  it("is given up in its body", async () => {
    const request =
      "POST /items HTTP/1.1\r\nHost: a\r\nAuthorization: ada\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    expect(await answerTo(request)).toMatchObject({ status: 408 });
  });
});
