import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { childTrace, formatTrace } from "../../../model/trace.ts";
import { settled } from "../../../testing/test-clock.ts";
import { testRandom } from "../../../testing/test-random.ts";
import { header, type WireAnswer, type WireCall } from "../port.ts";
import { signCaller } from "./caller-header.ts";
import { ada, type OpenShop, openShop, pictureBytes, shopContract, type WayIn } from "./shop.contract.ts";

/** A call of the shop; what is left out is empty. */
export type Ask = Partial<Pick<WireCall, "params" | "query" | "headers" | "body" | "signal">>;
export type Way = (shop: OpenShop, call: WireCall) => Promise<WireAnswer>;

/** What a route promises, whichever way a call comes. */
export function endpointContract(name: string, way: Way, wayIn?: WayIn): void {
  let shop: OpenShop;
  beforeAll(async () => {
    shop = await openShop({}, wayIn);
  });
  beforeEach(() => {
    shop.logged.length = 0;
  });
  afterAll(() => shop.close());

  const ask = (
    route: keyof typeof shopContract.routes,
    { headers = {}, body, ...rest }: Ask = {},
  ): Promise<WireAnswer> =>
    way(shop, {
      service: "shop",
      route,
      method: shopContract.routes[route].method,
      params: {},
      query: {},
      headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body }),
      ...rest,
    });
  const json = ({ body }: WireAnswer): Record<string, unknown> => JSON.parse(body as string);
  const asAda = { authorization: "ada" };

  describe(`a route called ${name}`, () => {
    it("answers its declared fields, encoded", async () => {
      const answer = await ask("read", { params: { id: "7" } });
      expect(answer.status).toBe(200);
      expect(json(answer)).toEqual({ id: "7", name: "ball", since: "1970-01-01T00:00:00.000Z" });
      expect(answer.headers).toMatchObject({ "cdn-cache-control": "max-age=300", "cache-tag": "7,a%2C%20b" });
    });

    it("fills in defaults and wraps a single value where a list is wanted", async () => {
      expect(json(await ask("search", { query: { tag: "red", limit: "5" } }))).toEqual({ tag: ["red"], limit: 5 });
      expect(json(await ask("search", { query: { tag: ["red", "blue"] } }))).toEqual({
        tag: ["red", "blue"],
        limit: 10,
      });
      expect(json(await ask("search"))).toEqual({ tag: [], limit: 10 });
    });

    it("names everything that is wrong with the input at once", async () => {
      const body = '{"name":"","sise":"s","tags":[{"label":1,"colour":"red"}]}';
      const answer = await ask("create", { headers: asAda, body });
      expect(answer.status).toBe(422);
      expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
      const { code, fields, requestId } = json(answer);
      expect(code).toBe("invalid-input");
      expect((fields as { field: string }[]).map(({ field }) => field).toSorted()).toEqual([
        "body.name",
        "body.sise",
        "body.tags[0].colour",
        "body.tags[0].label",
      ]);
      expect(answer.headers[header.requestId]).toBe(requestId);
      const query = json(await ask("search", { query: { limmit: "5", limit: "500" } }));
      expect(query.fields).toMatchObject([{ field: "query.limmit" }, { field: "query.limit" }]);
      expect(json(await ask("drop", { params: { id: "long" } })).fields).toMatchObject([{ field: "params.id" }]);
    });

    it("refuses bodies that are no JSON, missing, dangerous, not wanted or nested beyond measure", async () => {
      expect(json(await ask("create", { headers: asAda, body: '{"name":' })).code).toBe("malformed-json");
      expect(json(await ask("create", { headers: asAda })).fields).toMatchObject([{ field: "body" }]);
      const poisoned = await ask("create", { headers: asAda, body: '{"name":"x","__pr\\u006fto__":{"a":1}}' });
      expect(json(poisoned).fields).toMatchObject([{ field: "body" }]);
      expect(json(await ask("buy", { params: { id: "1" }, body: "{}" })).fields).toMatchObject([{ field: "body" }]);
      const nested = (depth: number): string => `${'{"in":'.repeat(depth)}{}${"}".repeat(depth)}`;
      expect((await ask("nest", { body: nested(300) })).status).toBe(204);
      expect(json(await ask("nest", { body: nested(100_000) })).fields).toMatchObject([{ field: "body" }]);
      const long = JSON.stringify({ name: "x".repeat(1_024) });
      expect(json(await ask("create", { headers: asAda, body: long }))).toMatchObject({
        status: 413,
        code: "body-too-large",
      });
    });

    it("is closed to strangers and to those without the scope", async () => {
      const body = '{"name":"ball"}';
      expect(json(await ask("create", { body }))).toMatchObject({ status: 401, code: "unauthenticated" });
      const forbidden = json(await ask("create", { headers: { authorization: "bob" }, body }));
      expect(forbidden).toMatchObject({ status: 403, code: "forbidden", detail: "This needs: scope shop:write" });
      const answer = await ask("create", { headers: asAda, body });
      expect(answer).toMatchObject({ status: 201, headers: { location: "/items/ball-m" } });
      expect(json(answer)).toMatchObject({ id: "ball-m", since: "2026-01-01T00:00:00.000Z" });
    });

    it("answers anyone whose key cannot be looked up now where anyone may ask, and nowhere else", async () => {
      const asCarol = { authorization: "carol" };
      expect((await ask("read", { headers: asCarol, params: { id: "7" } })).status).toBe(200);
      const refused = json(await ask("create", { headers: asCarol, body: '{"name":"ball"}' }));
      expect(refused).toMatchObject({ status: 503, code: "database-unreachable" });
    });

    it("believes another instance's word for who asks, and no one else's", async () => {
      const signed = (secret: string, inMs: number, service: string = shopContract.name): Ask => ({
        headers: { [header.caller]: signCaller({ actor: ada, service, expiresMs: shop.clock.now() + inMs }, secret) },
      });
      expect(json(await ask("me", signed("secret", 1_000)))).toMatchObject({ id: "ada" });
      expect(json(await ask("me", signed("guess", 1_000)))).toMatchObject({ code: "unauthenticated" });
      expect(json(await ask("me", signed("secret", -1)))).toMatchObject({ code: "unauthenticated" });
      expect(json(await ask("me", signed("secret", 1_000, "bank")))).toMatchObject({ code: "unauthenticated" });
      expect(json(await ask("read", { params: { id: "1" }, headers: { [header.caller]: "x" } })).status).toBe(401);
    });

    it("answers a declared failure with its status, code, cure and encoded detail", async () => {
      const answer = await ask("buy", { params: { id: "last" } });
      expect(answer.status).toBe(409);
      expect(json(answer)).toEqual({
        type: "/problems/sold-out",
        title: "Nothing is left",
        status: 409,
        code: "sold-out",
        cure: "Wait for the next delivery.",
        data: { nextDelivery: "1970-01-01T00:00:00.000Z" },
        requestId: answer.headers[header.requestId],
      });
      expect(await ask("buy", { params: { id: "1" } })).toMatchObject({ status: 204, body: "" });
    });

    it("keeps what was thrown to its log, but for the platform's own errors", async () => {
      const how = (how: string): Promise<WireAnswer> => ask("wrong", { params: { how } });
      const answer = await how("throw");
      expect(json(answer)).toMatchObject({ status: 500, code: "internal" });
      expect(answer.body).not.toContain("secret");
      expect(shop.logged[0]?.facts?.cause).toMatchObject({ message: "secret detail" });
      expect(json(await how("throw-code"))).toMatchObject({ status: 504, code: "statement-timeout" });
      expect(json(await how("throw-door"))).toMatchObject({ status: 500, code: "internal" });
      expect((await how("throw-setup")).body).not.toContain("secret");
    });

    it("names the field of an answer that breaks the promise, outside of production", async () => {
      const problem = json(await ask("wrong", { params: { how: "many" } }));
      expect(problem).toMatchObject({ status: 500, code: "internal", fields: [{ field: "answer.n" }] });
      expect(shop.logged[0]?.facts?.fields).toMatchObject([{ field: "answer.n" }]);
    });

    it("redirects, privately", async () => {
      const answer = await ask("follow", { params: { code: "naïve\r\nx: y" } });
      expect(answer).toMatchObject({ status: 302, body: "", headers: { "cache-control": "private, max-age=0" } });
      expect(answer.headers.location).toBe("https://example.com/na%C3%AFve%0D%0Ax:%20y");
      expect((await ask("follow", { params: { code: "moved" } })).status).toBe(301);
    });

    it("answers the bytes of a file under its type, which is one of those that the route promises", async () => {
      const answer = await ask("picture", { params: { type: "image/png" } });
      expect(answer).toMatchObject({ status: 200, headers: { "content-type": "image/png" } });
      expect(Uint8Array.from(answer.body as Uint8Array)).toEqual(pictureBytes);
      for (const [type, field] of [
        ["text/html", "answer.type"],
        ["image/svg+xml", "answer.bytes"],
      ] as const)
        expect(json(await ask("picture", { params: { type } }))).toMatchObject({ status: 500, fields: [{ field }] });
    });

    it("goes on with the caller's trace in a span of its own", async () => {
      const trace = childTrace(undefined, testRandom(7));
      const { traceparent } = json(await ask("me", { headers: { ...asAda, traceparent: formatTrace(trace) } }));
      expect(traceparent).toContain(trace.traceId);
      expect(traceparent).not.toContain(trace.spanId);
    });

    it("gives its handler headers, origin and a log that names the request", async () => {
      const headers = { ...asAda, "accept-language": "en", [header.requestId]: "r1" };
      const answer = json(await ask("me", { headers }));
      expect(answer).toMatchObject({ tongue: "en" });
      expect(answer.origin).toMatch(/^http:\/\/(?:localhost|127\.0\.0\.1:\d+)$/);
      const traceId = String(answer.traceparent).slice(3, 35);
      expect(shop.logged[0]).toEqual({ says: "me", facts: { service: "shop", route: "me", requestId: "r1", traceId } });
    });

    it("keeps a sane request id and makes one otherwise", async () => {
      const idOf = async (id: string): Promise<string | undefined> =>
        (await ask("read", { params: { id: "1" }, headers: { [header.requestId]: id } })).headers[header.requestId];
      expect(await idOf("my-id")).toBe("my-id");
      expect(await idOf("x".repeat(129))).toMatch(/^[0-9a-f]{12}-\w+$/);
      expect(await idOf("a b")).toMatch(/^[0-9a-f]{12}-\w+$/);
    });

    it.each([
      ["the route's time", {}, 5_000],
      ["the caller's time, where it has less", { [header.timeout]: "200" }, 200],
      ["the route's time, where the caller has more", { [header.timeout]: "60000" }, 5_000],
    ])("aborts and answers 504 after %s", async (_, headers, afterMs) => {
      const started = Promise.withResolvers<AbortSignal>();
      const end = Promise.withResolvers<void>();
      shop.state.slow = (signal) => {
        started.resolve(signal);
        return end.promise;
      };
      const answering = ask("slow", { headers });
      const signal = await started.promise;
      await shop.clock.advance(afterMs - 1);
      expect(signal.aborted).toBe(false);
      await shop.clock.advance(1);
      expect(signal.reason).toMatchObject({ code: "deadline-exceeded" });
      expect(json(await answering)).toMatchObject({ status: 504, code: "deadline-exceeded" });
      expect(shop.http.stats().inFlight).toBe(1);
      end.resolve();
      await settled();
      expect(shop.http.stats().inFlight).toBe(0);
    });

    it("hears that its caller has gone", async () => {
      const started = Promise.withResolvers<AbortSignal>();
      const aborted = Promise.withResolvers<void>();
      shop.state.slow = async (signal) => {
        signal.addEventListener("abort", () => aborted.resolve());
        started.resolve(signal);
        await aborted.promise;
      };
      const controller = new AbortController();
      const answering = ask("slow", { signal: controller.signal }).catch(() => undefined);
      await started.promise;
      controller.abort();
      await aborted.promise;
      await answering;
    });
  });
}
