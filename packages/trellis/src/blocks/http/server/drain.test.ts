import { once } from "node:events";
import { Agent, request, type Server } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type OpenShop, openShop } from "../endpoint/shop.contract.ts";

let shop: OpenShop;
afterEach(() => shop.close());

/** A request whose handler runs until `end` is called. */
async function slowRequest(): Promise<{ readonly answer: Promise<Response>; end(): void }> {
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  shop.state.slow = () => {
    started.resolve();
    return ended.promise;
  };
  const answer = fetch(`${shop.url}/slow`, { method: "POST" });
  await started.promise;
  return { answer, end: ended.resolve };
}

/** Moves the clock on, and lets sockets do their part, until `promise` is there. */
async function advanceUntil<T>(promise: Promise<T>): Promise<T> {
  let there = false;
  void promise.finally(() => {
    there = true;
  });
  while (!there) await shop.clock.advance(20);
  return promise;
}

describe("a drain", () => {
  it("is unready at once and takes requests until the lame-duck time is over", async () => {
    shop = await openShop();
    const draining = shop.http.drain({ lameDuckMs: 1_000 });
    const ready = await fetch(`${shop.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ draining: true });
    const answer = await fetch(`${shop.url}/items/1`);
    expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"]);
    await answer.text();
    await shop.clock.advance(1_000);
    expect(await advanceUntil(draining)).toBe(0);
    await expect(fetch(`${shop.url}/items/1`)).rejects.toThrow();
  });

  it("waits for no connection on which nothing was ever asked, such as browsers open ahead of need", async () => {
    shop = await openShop();
    const accepted = once(shop.server, "connection");
    const silent = connect(shop.port, "127.0.0.1");
    await accepted;
    const beganMs = shop.clock.now();
    expect(await advanceUntil(shop.http.drain())).toBe(0);
    expect(shop.clock.now() - beganMs).toBeLessThan(1_000);
    silent.destroy();
  });

  it("lets what is in flight finish", async () => {
    shop = await openShop();
    const slow = await slowRequest();
    let drained = false;
    const draining = shop.http.drain().finally(() => {
      drained = true;
    });
    await shop.clock.advance(4_000);
    expect(drained).toBe(false);
    slow.end();
    const answer = await slow.answer;
    expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"]);
    expect(await advanceUntil(draining)).toBe(0);
  });

  it("waits for calls in process too", async () => {
    shop = await openShop();
    const ended = Promise.withResolvers<void>();
    shop.state.slow = () => ended.promise;
    const call = { service: "shop", route: "slow", method: "POST", params: {}, query: {}, headers: {} };
    const answer = shop.http.dispatch(call);
    const draining = shop.http.drain();
    await shop.clock.advance(1_000);
    ended.resolve();
    expect(await answer).toMatchObject({ status: 200 });
    expect(await advanceUntil(draining)).toBe(0);
  });

  it("closes idle connections, and waits for half-received requests", async () => {
    shop = await openShop();
    const agent = new Agent({ keepAlive: true });
    const idle = request(`${shop.url}/items/1`, { agent }).end();
    const [response] = await once(idle, "response");
    response.resume();
    await once(response, "end");
    const headers = { authorization: "ada", "content-type": "application/json" };
    const half = request(`${shop.url}/items`, { method: "POST", headers });
    half.write('{"name":');
    await once(shop.server, "request");
    expect(await connections(shop.server)).toBe(2);
    const draining = shop.http.drain();
    await shop.clock.advance(100);
    half.end('"ball"}');
    const [answer] = await once(half, "response");
    answer.resume();
    expect(answer.statusCode).toBe(201);
    expect(await advanceUntil(draining)).toBe(0);
  });

  it("cuts off what is left at the hard deadline, and counts it", async () => {
    shop = await openShop();
    const signals: AbortSignal[] = [];
    const started = Promise.withResolvers<void>();
    shop.state.slow = (signal) => {
      signals.push(signal);
      started.resolve();
      return new Promise(() => {});
    };
    const answer = fetch(`${shop.url}/slow`, { method: "POST", headers: { "x-request-timeout-ms": "4000" } });
    await started.promise;
    const draining = shop.http.drain({ hardMs: 300 });
    expect(await advanceUntil(draining)).toBe(1);
    expect(signals[0]?.reason).toMatchObject({ code: "unavailable" });
    const late = await answer.catch(() => undefined);
    expect(late?.status ?? 503).toBe(503);
  });
});

function connections(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}
