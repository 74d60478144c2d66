import { app } from "trellis";
import type { Client } from "trellis/contract";
import { startTestApp, type TestApp } from "trellis/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linksContract } from "./contract.ts";
import { links } from "./service.ts";

type Api = Client<typeof linksContract.routes>;

let running: TestApp;
let api: Api;

beforeAll(async () => {
  running = await startTestApp(app({ services: [links] }), { instances: 1 });
  api = await running.client(linksContract, { scopes: ["links:read", "links:write"] });
}, 60_000);
afterAll(() => running?.stop(), 60_000);

const target = "https://example.com/";

function visit(code: string, method = "GET"): Promise<Response> {
  return fetch(`${running.instances[0]?.privateUrl}/${code}`, { method, redirect: "manual" });
}

/** What is purged while `run` runs. */
async function purgedBy(run: () => Promise<unknown>) {
  const before = running.purges.length;
  await run();
  return running.purges.slice(before);
}

describe("a redirect", () => {
  test.each(["GET", "HEAD"])(
    "to %s may be kept by gateways, as the answer about its code, and not by browsers",
    async (method) => {
      const { code } = await api.shorten({ body: { target } });
      const { status, headers } = await visit(code, method);
      expect(status).toBe(302);
      expect(headers.get("cdn-cache-control")).toBe("max-age=300, stale-while-revalidate=3600");
      expect(headers.get("cache-tag")).toBe(code);
      expect(headers.get("trellis-edge-event")).toBe("links.clicks follow referer,user-agent");
      expect(headers.get("cache-control")).toBe("private, max-age=0");
    },
  );

  test("that is refused may be kept by nobody: neither that there is no such link nor that it is archived", async () => {
    const { code } = await api.shorten({ body: { target } });
    await api.archive({ params: { code } });
    for (const [path, expected] of [
      [code, 410],
      ["never-was", 404],
      ["favicon.ico", 404],
    ] as const) {
      const { status, headers } = await visit(path);
      expect(status).toBe(expected);
      const hints = ["cdn-cache-control", "cache-tag", "trellis-edge-event", "expires", "last-modified", "etag"];
      expect(hints.filter((name) => headers.has(name))).toEqual([]);
      expect(headers.get("cache-control")).toBe("no-store");
    }
  });
});

describe("what gateways keep of a link", () => {
  test("is purged with each change of it, and with nothing else", async () => {
    const { code } = await api.shorten({ body: { target } });
    const params = { code };
    const one = [{ tag: code, service: "links" }];
    expect(await purgedBy(() => api.change({ params, body: { target: "https://example.com/2" } }))).toEqual(one);
    expect(await purgedBy(() => api.rollback({ params, body: { version: 1 } }))).toEqual(one);
    expect(await purgedBy(() => api.archive({ params }))).toEqual(one);
    expect(await purgedBy(() => api.archive({ params }))).toEqual([]);
    expect(await purgedBy(() => api.restore({ params }))).toEqual(one);
    expect(await purgedBy(() => api.restore({ params }))).toEqual([]);
  });

  test("is left alone by what is refused, and by a new link, of which nothing can have been kept", async () => {
    const { code } = await api.shorten({ body: { target } });
    const params = { code };
    expect(
      await purgedBy(async () => {
        await api.shorten({ body: { target } });
        await api.shorten.try({ body: { target, alias: code } });
        await api.change.try({ params, body: { target, version: 9 } });
        await api.rollback.try({ params, body: { version: 9 } });
        await api.read({ params });
      }),
    ).toEqual([]);
  });
});
