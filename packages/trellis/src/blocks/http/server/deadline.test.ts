import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settled } from "../../../testing/test-clock.ts";
import { rawExchange } from "../endpoint/raw-exchange.contract.ts";
import { type OpenShop, openShop, waysIn } from "../endpoint/shop.contract.ts";
import type { Idempotency } from "../port.ts";

describe.each(waysIn)("%s", (way) => {
  /** Longer than any request of the shop may take. */
  const requestTimeoutMs = 30_000;
  const never = (): Promise<never> => new Promise(() => undefined);

  let shop: OpenShop;
  /** Ends what a test has left waiting. */
  let letGo: PromiseWithResolvers<undefined>;
  let begun: PromiseWithResolvers<void>;

  beforeEach(async () => {
    letGo = Promise.withResolvers();
    begun = Promise.withResolvers();
    const waits = (): Promise<undefined> => {
      begun.resolve();
      return letGo.promise;
    };
    const idempotency: Idempotency = { run: async (_, work) => (await waits()) ?? work(async () => undefined) };
    shop = await openShop(
      { authenticate: ({ authorization }) => (authorization ? waits() : undefined), idempotency },
      way,
    );
    shop.state.slow = waits;
  });
  afterEach(async () => {
    letGo.resolve(undefined);
    await shop.close();
  });

  const headers = { "content-type": "application/json" };
  const problem = async (answer: Promise<Response>): Promise<unknown> => (await answer).json();
  const inFlight = (): number => shop.http.stats().inFlight;

  describe("the deadline answers wherever a request waits", () => {
    const late = { status: 504, code: "deadline-exceeded" };

    it.each<[string, string, RequestInit, number]>([
      ["for who it is that asks", "/items/1", { headers: { authorization: "ada" } }, requestTimeoutMs],
      [
        "for its idempotency key",
        "/items/1/buy",
        { method: "POST", headers: { "idempotency-key": "k" } },
        requestTimeoutMs,
      ],
      ["for its handler", "/slow", { method: "POST" }, 5_000],
    ])("%s", async (_, path, init, afterMs) => {
      const answer = problem(fetch(shop.url + path, init));
      await begun.promise;
      await shop.clock.advance(afterMs - 1);
      expect(inFlight()).toBe(1);
      await shop.clock.advance(1);
      expect(await answer).toMatchObject(late);
      // What was waited for comes after all: nothing more happens, and nothing stays.
      letGo.resolve(undefined);
      await settled();
      expect(inFlight()).toBe(0);
      expect(shop.state.buys).toBe(0);
    });

    it("for a body that comes too slowly, which is then its sender's fault", async () => {
      const answer = rawExchange(shop.port, `${head("PUT /nest", "Content-Length: 9")}{`);
      await expect.poll(inFlight).toBe(1);
      await shop.clock.advance(requestTimeoutMs);
      const text = (await answer).toString();
      expect(text).toContain("HTTP/1.1 408");
      expect(text).toContain('"code":"request-timeout"');
      expect(text.toLowerCase()).toContain("connection: close");
      expect(inFlight()).toBe(0);
    });

    it("sooner where the caller has less time", async () => {
      const answer = problem(fetch(`${shop.url}/slow`, { method: "POST", headers: { "x-request-timeout-ms": "40" } }));
      await begun.promise;
      await shop.clock.advance(40);
      expect(await answer).toMatchObject(late);
    });
  });

  it("a type that announces a body which does not exist delays no answer", async () => {
    const answer = await fetch(`${shop.url}/items/1`, { method: "DELETE", headers });
    expect(answer.status).toBe(204);
    expect(inFlight()).toBe(0);
  });

  describe("a client that goes away", () => {
    it("in the middle of its body leaves nothing behind", async () => {
      const socket = await send(`${head("PUT /nest", "Content-Length: 9")}{`);
      await expect.poll(inFlight).toBe(1);
      socket.destroy();
      await expect.poll(inFlight).toBe(0);
      expect(shop.logged).toEqual([]);
    });

    it("while its handler works is told to it", async () => {
      const gone = Promise.withResolvers<void>();
      shop.state.slow = (signal) => {
        begun.resolve();
        signal.addEventListener("abort", () => gone.resolve(), { once: true });
        return gone.promise;
      };
      const socket = await send(head("POST /slow", "Content-Length: 0"));
      await begun.promise;
      socket.destroy();
      await gone.promise;
      await expect.poll(inFlight).toBe(0);
    });

    it("while it waits for a key of its own keeps no one else waiting", async () => {
      shop.state.slow = never;
      const socket = await send(head("POST /slow", "Content-Length: 0"));
      await expect.poll(inFlight).toBe(1);
      socket.destroy();
      expect((await fetch(`${shop.url}/items/1`)).status).toBe(200);
    });
  });

  function head(line: string, ...headers: readonly string[]): string {
    return [`${line} HTTP/1.1`, "Host: a", "Content-Type: application/json", ...headers, "", ""].join("\r\n");
  }

  async function send(text: string): Promise<Socket> {
    const socket = connect(shop.port, "127.0.0.1");
    await once(socket, "connect");
    socket.write(text);
    return socket;
  }
});
