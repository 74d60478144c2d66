import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rawExchange } from "../endpoint/raw-exchange.contract.ts";
import { type OpenShop, openShop, waysIn } from "../endpoint/shop.contract.ts";

describe.each(waysIn)("%s", (way) => {
  let shop: OpenShop;
  let unhealthy: readonly string[] = [];
  beforeAll(async () => {
    shop = await openShop(
      {
        health: async () => unhealthy,
        pages: [
          { path: "/about", contentType: "text/html; charset=utf-8", body: () => `<p>${"about us ".repeat(200)}` },
        ],
      },
      way,
    );
  });
  afterAll(() => shop.close());

  const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(shop.url + path, init);
  const problemOf = async (path: string, init?: RequestInit): Promise<Record<string, unknown>> => {
    const response = await ask(path, init);
    expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    const problem = (await response.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({ status: response.status, requestId: response.headers.get("x-request-id") });
    return problem;
  };

  describe("reads over HTTP", () => {
    it("have an entity tag, and nothing to send to who has it already", async () => {
      const first = await ask("/items/1");
      const etag = first.headers.get("etag") ?? "";
      expect(etag).toMatch(/^"[\w-]{16}"$/);
      expect(first.headers.get("cache-control")).toBe("private, no-cache");
      for (const ifNoneMatch of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
        const again = await ask("/items/1", { headers: { "if-none-match": ifNoneMatch } });
        expect(again.status, ifNoneMatch).toBe(304);
        expect(await again.text()).toBe("");
        expect(again.headers.get("etag")).toBe(etag);
        expect(again.headers.get("content-type")).toBeNull();
      }
      const changed = await ask("/items/2", { headers: { "if-none-match": etag } });
      expect(changed.status).toBe(200);
    });

    it("answer HEAD with the same head and no body", async () => {
      const [get, head] = [await ask("/items/1"), await ask("/items/1", { method: "HEAD" })];
      expect(head.status).toBe(200);
      expect(await head.text()).toBe("");
      for (const name of ["content-length", "etag", "content-type"])
        expect(head.headers.get(name), name).toBe(get.headers.get(name));
    });

    it("are not sniffed, and pages keep their address to themselves", async () => {
      expect((await ask("/items/1")).headers.get("x-content-type-options")).toBe("nosniff");
      expect((await ask("/about")).headers.get("referrer-policy")).toBe("no-referrer");
    });
  });

  describe("long answers", () => {
    const read = (acceptEncoding: string): Promise<Buffer> =>
      rawExchange(
        shop.port,
        `GET /long HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${acceptEncoding}\r\nConnection: close\r\n\r\n`,
      );
    const split = (answer: Buffer): readonly [string, Buffer] => {
      const end = answer.indexOf("\r\n\r\n");
      return [answer.toString("latin1", 0, end).toLowerCase(), answer.subarray(end + 4)];
    };
    const text = "all work and no play ".repeat(100);

    it("are compressed as the client likes it best", async () => {
      const [brHead, brBody] = split(await read("gzip, deflate, br"));
      expect(brHead).toContain("content-encoding: br");
      expect(JSON.parse(brotliDecompressSync(brBody).toString())).toEqual({ text });
      const [gzipHead, gzipBody] = split(await read("br;q=0.5, gzip;q=0.8"));
      expect(gzipHead).toContain("content-encoding: gzip");
      expect(JSON.parse(gunzipSync(gzipBody).toString())).toEqual({ text });
      for (const none of ["identity", "br;q=0", "zstd"]) {
        const [head, body] = split(await read(none));
        expect(head, none).not.toContain("content-encoding");
        expect(JSON.parse(body.toString())).toEqual({ text });
      }
    });

    it("say that they vary, and their tag is weak once compressed", async () => {
      const [compressed] = split(await read("br"));
      const [plain] = split(await read("identity"));
      expect(compressed).toContain("vary: accept-encoding");
      expect(plain).toContain("vary: accept-encoding");
      const [, tag] = /\r\netag: (".*?")\r\n/.exec(plain) ?? [];
      expect(compressed).toContain(`\r\netag: w/${tag}\r\n`);
    });

    it("that are pages are compressed too", async () => {
      const page = await ask("/about", { headers: { "accept-encoding": "gzip" } });
      expect(page.headers.get("content-encoding")).toBe("gzip");
      expect(await page.text()).toMatch(/^<p>about us/);
    });
  });

  describe("a request that finds nothing", () => {
    it("is told so, or which methods there are", async () => {
      expect(await problemOf("/nowhere")).toMatchObject({ status: 404, code: "unknown-route" });
      expect(await problemOf("/items/1", { method: "PATCH" })).toMatchObject({ status: 405, code: "wrong-method" });
      const allow = (await ask("/items/1?x=1", { method: "POST" })).headers.get("allow");
      expect(allow).toBe("GET, HEAD, DELETE");
      const options = await ask("/items", { method: "OPTIONS" });
      expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, POST"]);
      expect((await ask("/nowhere", { method: "OPTIONS" })).status).toBe(404);
    });

    it("because its address is broken hears that", async () => {
      expect(await problemOf("/items/%zz")).toMatchObject({ status: 400, code: "malformed-request" });
      expect(await problemOf(`/items/${"x".repeat(2_000)}`)).toMatchObject({ status: 414, code: "address-too-long" });
    });
  });

  describe("bodies over HTTP", () => {
    const post = (init: RequestInit): Promise<Record<string, unknown>> =>
      problemOf("/items", { method: "POST", ...init, headers: { authorization: "ada", ...init.headers } });

    it("must be JSON by their type", async () => {
      expect(
        await post({ body: "name=ball", headers: { "content-type": "application/x-www-form-urlencoded" } }),
      ).toMatchObject({
        status: 415,
        code: "wrong-media-type",
      });
      expect(await post({ body: "{}" })).toMatchObject({ code: "wrong-media-type" });
      const good = await ask("/items", {
        method: "POST",
        body: '{"name":"ball"}',
        headers: { authorization: "ada", "content-type": "application/vnd.shop+json; charset=utf-8" },
      });
      expect(good.status).toBe(201);
    });

    it("that were announced by a type but never sent are missing, not awaited", async () => {
      const answer = await rawExchange(
        shop.port,
        "POST /items HTTP/1.1\r\nHost: x\r\nAuthorization: ada\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n",
      );
      expect(answer.toString()).toContain('"field":"body"');
    });

    it("in pieces are put together, and stopped at the limit", async () => {
      const chunked = (pieces: readonly string[]): Promise<Response> =>
        ask("/items", {
          method: "POST",
          body: new ReadableStream({
            start(controller) {
              for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
              controller.close();
            },
          }),
          duplex: "half",
          headers: { authorization: "ada", "content-type": "application/json" },
        } as RequestInit);
      expect((await chunked(['{"na', 'me":"ba', 'll"}'])).status).toBe(201);
      expect((await chunked(['{"name":"', "x".repeat(1_024), '"}'])).status).toBe(413);
    });
  });

  describe("health", () => {
    it("is ready while every part is, and says which is not", async () => {
      const ready = async (): Promise<unknown> => {
        const response = await ask("/readyz");
        expect(response.headers.get("cache-control")).toBe("no-store");
        return [response.status, await response.json()];
      };
      expect(await ready()).toEqual([200, { ready: true, draining: false, unhealthy: [] }]);
      unhealthy = ["shop.db"];
      expect(await ready()).toEqual([503, { ready: false, draining: false, unhealthy: ["shop.db"] }]);
      expect((await ask("/livez")).status).toBe(200);
      unhealthy = [];
    });
  });

  it("logs a line for each request only where it is asked to, and never its query", async () => {
    await ask("/items/1");
    expect(shop.logged).toEqual([]);
    const settings = { bodyBytesMax: 1, headersBytesMax: 16_384, requestTimeoutMs: 1, drainTimeoutMs: 1 };
    const talkative = await openShop({ settings: { ...settings, logRequests: "yes" } }, way);
    await (await fetch(`${talkative.url}/items/1?token=tr_secret`)).text();
    await expect
      .poll(() => talkative.logged)
      .toMatchObject([{ facts: { method: "GET", path: "/items/1", status: 200 } }]);
    expect(JSON.stringify(talkative.logged)).not.toContain("tr_secret");
    await talkative.close();
  });
});
