import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { TrellisError } from "../../../model/errors.ts";
import { rawExchange } from "../endpoint/raw-exchange.contract.ts";
import { type OpenShop, openShop, waysIn } from "../endpoint/shop.contract.ts";
import { pingEveryMs } from "./limits.ts";

const line = (text: string, more = {}) => JSON.stringify({ text, ...more });
const said = (text: string) => ({ text, at: "1970-01-01T00:00:00.000Z" });

/** A client's socket, and what has come over it. */
class Caller {
  readonly webSocket: WebSocket;
  readonly heard: unknown[] = [];
  readonly closed: Promise<readonly [code: number, reason: string]>;

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.webSocket = new WebSocket(url.replace("http", "ws"), { headers, perMessageDeflate: false });
    this.webSocket.on("message", (data) => this.heard.push(JSON.parse(String(data))));
    this.webSocket.on("error", () => undefined);
    this.closed = new Promise((resolve) =>
      this.webSocket.on("close", (code, reason) => resolve([code, String(reason)])),
    );
    onTestFinished(() => this.webSocket.terminate());
  }

  async open(): Promise<this> {
    await once(this.webSocket, "open");
    return this;
  }

  say(text: string, more = {}): void {
    this.webSocket.send(line(text, more));
  }
}

describe.each(waysIn)("%s", (way) => {
  let shop: OpenShop;
  beforeEach(async () => {
    shop = await openShop({}, way);
  });
  afterEach(() => shop.close());

  const chat = (room = "den") => new Caller(`${shop.url}/rooms/${room}/chat`);

  async function statusOf(path: string, headers: Readonly<Record<string, string>> = {}) {
    const caller = new Caller(`${shop.url}${path}`, headers);
    const [, response] = await once(caller.webSocket, "unexpected-response");
    let text = "";
    for await (const chunk of response) text += chunk;
    return { status: response.statusCode, type: response.headers["content-type"], problem: JSON.parse(text) };
  }

  it("answers each message in its order, checked, with defaults, encoded", async () => {
    const caller = await chat().open();
    caller.say("one");
    caller.say("two", { loud: true });
    caller.say("three");
    await expect.poll(() => caller.heard).toEqual([said("one"), said("TWO"), said("three")]);
    expect(shop.http.stats()).toMatchObject({ inFlight: 1 });
    caller.webSocket.close();
    expect(await caller.closed).toEqual([1005, ""]);
    await expect.poll(() => shop.http.stats().inFlight).toBe(0);
  });

  it("sends what the handler has to say beside the answers, and ends with it", async () => {
    const { promise: more, resolve } = Promise.withResolvers<void>();
    shop.state.chat = () => ({
      receive: ({ text }) => ({ text, at: new Date(0) }),
      send: (async function* () {
        yield { text: "hello", at: new Date(0) };
        await more;
        yield { text: "bye", at: new Date(0) };
      })(),
    });
    const caller = await chat().open();
    await expect.poll(() => caller.heard).toEqual([said("hello")]);
    caller.say("one");
    await expect.poll(() => caller.heard).toEqual([said("hello"), said("one")]);
    resolve();
    expect(await caller.closed).toEqual([1000, ""]);
    expect(caller.heard).toEqual([said("hello"), said("one"), said("bye")]);
    await expect.poll(() => shop.http.stats().inFlight).toBe(0);
  });

  it("works on one message at a time, and leaves the rest with the client", async () => {
    const began: string[] = [];
    const gates: (() => void)[] = [];
    shop.state.chat = () => ({
      receive: async ({ text }) => {
        began.push(text.slice(0, 9));
        await new Promise<void>((resolve) => gates.push(resolve));
      },
    });
    const caller = await chat().open();
    const many = Array.from({ length: 40_000 }, (_, number) => `${number} ${"x".repeat(900)}`);
    for (const text of many) caller.say(text);
    await expect.poll(() => began.length).toBe(1);
    // More than all the buffers on the way take.
    expect(caller.webSocket.bufferedAmount).toBeGreaterThan(10_000_000);
    gates[0]?.();
    await expect.poll(() => began.length).toBe(2);
    expect(began).toEqual(["0 xxxxxxx", "1 xxxxxxx"]);
    expect(caller.webSocket.bufferedAmount).toBeGreaterThan(10_000_000);
  });

  it("makes what it sends no faster than the client takes it", async () => {
    let made = 0;
    shop.state.chat = () => ({
      receive: () => undefined,
      send: (async function* () {
        for (; made < 100_000; made += 1) yield { text: "x".repeat(2_000), at: new Date(0) };
      })(),
    });
    const caller = await chat().open();
    caller.webSocket.pause();
    let before = -1;
    await expect
      .poll(
        () => {
          const isStill = made === before;
          before = made;
          return isStill;
        },
        { interval: 200, timeout: 20_000 },
      )
      .toBe(true);
    expect(made).toBeLessThan(50_000);
    caller.webSocket.resume();
    await expect.poll(() => made, { timeout: 20_000 }).toBeGreaterThan(before);
  });

  it.each([
    ["no JSON", "{", [4400, /^malformed-json: /]],
    ["what does not fit", line(""), [4422, /^invalid-input: message\.text: /]],
    ["an unknown field", line("a", { colour: "red" }), [4422, /^invalid-input: message\.colour: is not a field here/]],
    ["a prototype", '{"__proto__":{}}', [4422, /^invalid-input: /]],
    ["too much", line("x".repeat(1_100)), [1009, /^$/]],
    ["bytes", Buffer.from("{}"), [1003, /texts/]],
  ] as const)("ends with a reason when a client sends %s", async (_, message, [code, reason]) => {
    const caller = await chat().open();
    caller.webSocket.send(message, { binary: typeof message !== "string" });
    const closed = await caller.closed;
    expect(closed).toEqual([code, expect.stringMatching(reason)]);
    await expect.poll(() => shop.http.stats().inFlight).toBe(0);
  });

  it("tells nothing of what a handler threw but the platform's own words, and logs it", async () => {
    shop.state.chat = () => ({
      receive: ({ text }) => {
        throw text === "busy" ? new TrellisError("rate-limited") : new Error("secret detail");
      },
    });
    const caller = await chat().open();
    caller.say("any");
    expect(await caller.closed).toEqual([4500, "internal: Something went wrong on our side"]);
    expect(shop.logged).toContainEqual(
      expect.objectContaining({ facts: expect.objectContaining({ code: "internal", route: "chat" }) }),
    );
    const busy = await chat().open();
    busy.say("busy");
    expect(await busy.closed).toEqual([4429, "rate-limited: Too many requests"]);
  });

  it("ends where the handler's own iterable breaks off, or sends what was not promised", async () => {
    shop.state.chat = (room) => ({
      receive: () => undefined,
      send: (async function* () {
        yield { text: room === "long" ? "x".repeat(2_001) : "hello", at: new Date(0) };
        throw new Error("secret detail");
      })(),
    });
    const [short, long] = [chat(), chat("long")];
    expect(await short.closed).toEqual([4500, "internal: Something went wrong on our side"]);
    expect(short.heard).toEqual([said("hello")]);
    expect((await long.closed)[0]).toBe(4500);
    expect(long.heard).toEqual([]);
  });

  it("refuses before it switches: permissions, parameters and declared failures as problems", async () => {
    expect(await statusOf("/diary")).toMatchObject({ status: 401, problem: { code: "unauthenticated" } });
    expect(await statusOf("/rooms/much-too-long/chat")).toMatchObject({
      status: 422,
      type: "application/problem+json; charset=utf-8",
      problem: { code: "invalid-input", fields: [{ field: "params.room" }] },
    });
    expect(await statusOf("/rooms/full/chat")).toMatchObject({ status: 409, problem: { code: "sold-out" } });
    expect(await statusOf("/nowhere")).toMatchObject({ status: 404, problem: { code: "unknown-route" } });
    const caller = await new Caller(`${shop.url}/diary`, { authorization: "ada" }).open();
    caller.say("dear diary");
    await expect.poll(() => caller.heard).toEqual([{ text: "ada: dear diary", loud: false }]);
  });

  it("says to whoever asks for no WebSocket that it is one, after everything else", async () => {
    let ended = false;
    shop.state.chat = (_, { signal }) => {
      signal.addEventListener("abort", () => undefined);
      const send = { next: () => new Promise<never>(() => undefined), return: async () => (ended = true) };
      return { receive: () => undefined, send: { [Symbol.asyncIterator]: () => send as never } };
    };
    const response = await fetch(`${shop.url}/rooms/den/chat`);
    expect(response.status).toBe(426);
    expect(response.headers.get("upgrade") ?? "websocket").toBe("websocket");
    expect(await response.json()).toMatchObject({ code: "upgrade-required" });
    expect(ended).toBe(true);
    expect(shop.http.stats().inFlight).toBe(0);
    expect((await fetch(`${shop.url}/diary`)).status).toBe(401);
    expect((await fetch(`${shop.url}/rooms/den/chat`, { method: "POST" })).status).toBe(405);
  });

  it("answers requests for other routes and other protocols as if they had not asked to switch", async () => {
    const get = (path: string, upgrade: string) =>
      rawExchange(
        shop.port,
        `GET ${path} HTTP/1.1\r\nhost: shop\r\nupgrade: ${upgrade}\r\nconnection: upgrade, close\r\nsec-websocket-key: ${"A".repeat(22)}==\r\nsec-websocket-version: 13\r\n\r\n`,
      ).then(String);
    expect(await get("/items/1", "websocket")).toMatch(/^HTTP\/1\.1 200 .*"ball"/s);
    expect(await get("/rooms/den/chat", "h2c")).toMatch(/^HTTP\/1\.1 426 .*upgrade-required/s);
    expect(await get("/items/1", "h2c")).toMatch(/^HTTP\/1\.1 200 .*"ball"/s);
  });

  it("refuses a handshake that is none with a problem", async () => {
    const answer = await rawExchange(
      shop.port,
      "GET /rooms/den/chat HTTP/1.1\r\nhost: shop\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\r\n",
    );
    expect(String(answer)).toMatch(/^HTTP\/1\.1 400 .*"malformed-request".*Sec-WebSocket-Key/s);
    await expect.poll(() => shop.http.stats().inFlight).toBe(0);
  });

  it("is no mere reading to whoever says who asks: a page of another site could hear what comes", async () => {
    const asked: unknown[] = [];
    const strict = await openShop({ authenticate: (_, { method, origin }) => void asked.push([method, origin]) }, way);
    onTestFinished(() => strict.close());
    await new Caller(`${strict.url}/rooms/den/chat`, { origin: "https://elsewhere.example" }).open();
    expect(asked).toEqual([["CONNECT", strict.url]]);
  });

  it("outlives the deadline of requests", async () => {
    const caller = await chat().open();
    await shop.clock.advance(29_000);
    await shop.clock.advance(29_000);
    caller.say("still here");
    await expect.poll(() => caller.heard).toEqual([said("still here")]);
  });

  it("keeps a quiet client that answers pings, and gives up one that does not", async () => {
    const [there, gone] = [await chat().open(), chat()];
    gone.webSocket.on("open", () => gone.webSocket.pause());
    await gone.open();
    const pings = once(there.webSocket, "ping");
    await shop.clock.advance(pingEveryMs);
    await pings;
    await expect.poll(() => shop.http.stats().inFlight).toBe(2);
    // Its pong is on the way behind this.
    there.say("and I am");
    await expect.poll(() => there.heard).toEqual([said("and I am")]);
    await shop.clock.advance(pingEveryMs);
    await expect.poll(() => shop.http.stats().inFlight).toBe(1);
    there.say("still");
    await expect.poll(() => there.heard.length).toBe(2);
  });

  it("tells the handler at once when a client is gone", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { promise: returned, resolve: onReturn } = Promise.withResolvers<void>();
    shop.state.chat = (_, { signal }) => {
      signal.addEventListener("abort", () => resolve());
      const send = { next: () => new Promise<never>(() => undefined), return: async () => onReturn() };
      return { receive: () => undefined, send: { [Symbol.asyncIterator]: () => send as never } };
    };
    const caller = await chat().open();
    caller.webSocket.terminate();
    await Promise.all([promise, returned]);
    await expect.poll(() => shop.http.stats().inFlight).toBe(0);
  });

  it("a drain lets a message that is worked on be answered, begins no other, and says that the instance ends", async () => {
    const began: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    shop.state.chat = () => ({
      receive: async ({ text }) => {
        began.push(text);
        await promise;
        return { text, at: new Date(0) };
      },
    });
    const [caller, idle] = [await chat().open(), await chat().open()];
    caller.say("one");
    caller.say("two");
    await expect.poll(() => began).toEqual(["one"]);
    const drained = shop.http.drain();
    expect(await idle.closed).toEqual([1001, "This instance is ending"]);
    resolve();
    expect(await caller.closed).toEqual([1001, "This instance is ending"]);
    expect(caller.heard).toEqual([said("one")]);
    expect(began).toEqual(["one"]);
    await shop.clock.advance(20);
    expect(await drained).toBe(0);
  });

  it("a drain cuts those off that do not go", async () => {
    let began = false;
    shop.state.chat = () => ({
      receive: () => {
        began = true;
        return new Promise(() => undefined);
      },
    });
    const caller = await chat().open();
    caller.say("one");
    await expect.poll(() => began).toBe(true);
    const drained = shop.http.drain({ hardMs: 1_000 });
    await shop.clock.advance(500);
    expect(caller.webSocket.readyState).toBe(WebSocket.OPEN);
    for (let passed = 0; passed < 600; passed += 20) await shop.clock.advance(20);
    await drained;
    expect((await caller.closed)[0]).toBe(1006);
  });

  it("a client that leaves in the middle of its handshake leaves nothing behind", async () => {
    const socket = connect(shop.port, "127.0.0.1");
    await once(socket, "connect");
    socket.write("GET /rooms/den/chat HTTP/1.1\r\nhost: shop\r\nupgrade: websocket\r\nconnection: upgrade\r\n");
    socket.destroy();
    const caller = await chat().open();
    caller.say("one");
    await expect.poll(() => caller.heard).toEqual([said("one")]);
    caller.webSocket.close();
    await expect.poll(() => shop.http.stats().inFlight).toBe(0);
  });
});
