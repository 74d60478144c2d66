import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, expect, it, vi } from "vitest";
import { WebSocketServer, type WebSocket as WsSocket } from "ws";
import { z } from "zod";
import { contract } from "../../../model/contract.ts";
import { failure } from "../../../model/failure.ts";
import { socket } from "../../../model/reply.ts";
import { get } from "../../../model/route.ts";
import { testClock } from "../../../testing/test-clock.ts";
import { type ClientOptions, client } from "./client.ts";

const date = z.codec(z.iso.datetime(), z.date(), { decode: (t) => new Date(t), encode: (d) => d.toISOString() });
const Line = z.object({ text: z.string(), loud: z.boolean().default(false) });
const Full = failure("room-full", {
  status: 409,
  title: "The room is full",
  cure: "Wait.",
  detail: z.object({ until: date }),
});
const chat = contract("chat", {
  talk: get("/v1/rooms/:room", {
    query: z.object({ as: z.string().optional() }),
    returns: socket({ receives: Line, sends: z.object({ text: z.string(), at: date }) }),
    fails: [Full],
  }),
});
const said = (text: string) => JSON.stringify({ text, at: "2026-01-01T00:00:00Z" });
const den = { params: { room: "the den/1" } };
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  vi.unstubAllGlobals();
  for (const close of closing.splice(0)) await close();
});

interface Service {
  readonly converse?: (socket: WsSocket, request: IncomingMessage, wire: Duplex) => void;
  /** What a GET that asks for no WebSocket gets; with `refuses`, WebSockets get nothing else. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => void;
  readonly refuses?: boolean;
}

/** A client of a real server. */
async function chatOf({ converse, answer, refuses = false }: Service, options: Partial<ClientOptions> = {}) {
  const server = createServer((request, response) => {
    if (answer) answer(request, response);
    else problem(426, { code: "upgrade-required" })(request, response);
  });
  const webSockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request: IncomingMessage, wire: Duplex, head: Buffer) => {
    if (refuses) wire.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    else webSockets.handleUpgrade(request, wire, head, (one) => converse?.(one, request, wire));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    for (const one of webSockets.clients) one.terminate();
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const clock = testClock();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, clock, chat: client(chat, { url, clock, ...options }) };
}

const problem =
  (status: number, value: object) =>
  (_: unknown, response: ServerResponse): void =>
    void response
      .writeHead(status, { "content-type": "application/problem+json" })
      .end(JSON.stringify({ type: "about:blank", status, ...value }));

it("carries messages both ways, in their order, checked and decoded", async () => {
  const heard: string[] = [];
  const { chat } = await chatOf({
    converse: (one) =>
      one.on("message", (data) => {
        heard.push(String(data));
        one.send(said(`${heard.length}`));
        if (heard.length === 3) one.close(1000);
      }),
  });
  const talk = await chat.talk(den);
  for (const text of ["a", "b", "c"]) await talk.send({ text });
  const seen: unknown[] = [];
  for await (const message of talk) seen.push(message);
  expect(heard).toEqual(['{"text":"a"}', '{"text":"b"}', '{"text":"c"}']);
  expect(seen).toEqual(["1", "2", "3"].map((text) => ({ text, at: new Date("2026-01-01T00:00:00Z") })));
});

it("asks the route's address with the caller's headers, and for no end at a deadline", async () => {
  const asked: IncomingMessage[] = [];
  const { chat } = await chatOf(
    {
      converse: (one, request) => {
        asked.push(request);
        one.close(1000);
      },
    },
    { key: "k1", headers: { "x-request-id": "r1" } },
  );
  const talk = await chat.talk({ ...den, query: { as: "ada & co" } });
  expect(await talk.next()).toEqual({ done: true, value: undefined });
  expect(asked.map(({ url }) => url)).toEqual(["/v1/rooms/the%20den%2F1?as=ada+%26+co"]);
  expect(asked[0]?.headers).toMatchObject({ authorization: "Bearer k1", "x-request-id": "r1" });
  expect(asked[0]?.headers).not.toHaveProperty("x-request-timeout-ms");
});

it("misses nothing that the service says before the caller looks", async () => {
  const { chat } = await chatOf({
    converse: (one) => {
      for (const text of ["1", "2", "3"]) one.send(said(text));
      one.close(1000);
    },
  });
  const seen: string[] = [];
  const talk = await chat.talk(den);
  for await (const { text } of talk) seen.push(text);
  expect(seen).toEqual(["1", "2", "3"]);
});

it.each([
  [
    "4422 and a problem",
    4_422,
    "invalid-input: message.text: is required",
    "invalid-input",
    "message.text: is required",
  ],
  ["1001", 1001, "This instance is ending", "unavailable", "This instance is ending"],
  ["1009", 1009, "", "body-too-large", "The message is too large"],
  ["a code of somebody else", 4_999, "who: knows", "unavailable", "who: knows"],
])("throws why the service ended it: %s", async (_, code, reason, errorCode, message) => {
  const { chat } = await chatOf({
    converse: (one) => {
      one.send(said("1"));
      one.close(code, reason);
    },
  });
  const talk = await chat.talk(den);
  expect((await talk.next()).value?.text).toBe("1");
  await expect(talk.next()).rejects.toMatchObject({ name: "TrellisError", code: errorCode, message });
  await expect(talk.send({ text: "late" })).rejects.toMatchObject({ code: errorCode, message });
});

it("says unavailable where the service dies in the middle", async () => {
  const { chat } = await chatOf({ converse: (one, _, wire) => one.send(said("1"), () => wire.destroy()) });
  const talk = await chat.talk(den);
  expect((await talk.next()).value?.text).toBe("1");
  await expect(talk.next()).rejects.toMatchObject({ code: "unavailable" });
});

it("gives a declared failure as a value, with its detail, where the service refuses to talk", async () => {
  const asked: (string | undefined)[] = [];
  const { chat } = await chatOf(
    {
      refuses: true,
      answer: (request, response) => {
        asked.push(request.method, request.url, request.headers.authorization);
        problem(409, { code: "room-full", data: { until: "2026-01-01T00:00:00Z" } })(request, response);
      },
    },
    { key: "k1" },
  );
  expect(await chat.talk.try(den)).toEqual({
    ok: false,
    failure: { code: "room-full", detail: { until: new Date("2026-01-01T00:00:00Z") }, failed: true },
  });
  expect(asked).toEqual(["GET", "/v1/rooms/the%20den%2F1", "Bearer k1"]);
  await expect(chat.talk(den)).rejects.toMatchObject({ name: "CallFailed", failure: { code: "room-full" } });
});

it.each([
  [401, "unauthenticated"],
  [404, "unknown-route"],
  [422, "invalid-input"],
])("throws the platform's own refusal: %i", async (status, code) => {
  const { chat } = await chatOf({ refuses: true, answer: problem(status, { code, detail: "So it is" }) });
  await expect(chat.talk.try(den)).rejects.toMatchObject({ name: "TrellisError", code, message: "So it is" });
});

it("says unavailable where only the WebSocket cannot be had", async () => {
  const { chat } = await chatOf({ refuses: true });
  expect(await chat.talk.try(den)).toEqual({
    ok: false,
    failure: {
      code: "unavailable",
      detail: { service: "chat", retryAfterMs: 1_000, because: "it answers, but not with a WebSocket" },
      failed: true,
    },
  });
});

it("says unavailable where nobody listens", async () => {
  const { chat } = await chatOf({});
  await closing.pop()?.();
  expect(await chat.talk.try(den)).toMatchObject({
    failure: { code: "unavailable", detail: { because: "connection refused" } },
  });
});

it("does not take a single answer for a WebSocket", async () => {
  const { chat } = await chatOf({ refuses: true, answer: (_, response) => response.end("{}") });
  await expect(chat.talk.try(den)).rejects.toMatchObject({
    code: "unexpected-answer",
    message: "chat.talk answered once instead of with a WebSocket",
  });
});

it("lets no message pass that the contract does not promise, and tells the service", async () => {
  const { promise: closed, resolve } = Promise.withResolvers<readonly [number, string]>();
  const { chat } = await chatOf({
    converse: (one) => {
      one.on("close", (code, reason) => resolve([code, String(reason)]));
      one.send('{"text":"1","at":"noon"}');
    },
  });
  const talk = await chat.talk(den);
  await expect(talk.next()).rejects.toMatchObject({ code: "unexpected-answer", fields: [{ field: "answer.at" }] });
  expect(await closed).toEqual([4_502, expect.stringMatching(/^unexpected-answer: /)]);
});

it.each(["close", "the end of the loop"])("says 1000 to the service at %s", async (way) => {
  const { promise: closed, resolve } = Promise.withResolvers<readonly [number, string]>();
  const { chat } = await chatOf({
    converse: (one) => {
      one.on("close", (code, reason) => resolve([code, String(reason)]));
      one.send(said("1"));
    },
  });
  const talk = await chat.talk(den);
  if (way === "close") talk.close();
  else for await (const _ of talk) break;
  expect(await closed).toEqual([1000, ""]);
  await expect(talk.send({ text: "late" })).rejects.toMatchObject({ code: "unavailable" });
});

it("ends an open socket at its caller's signal, though nobody reads, and long after the call's deadline", async () => {
  const { promise: closed, resolve } = Promise.withResolvers<number>();
  const { chat, clock } = await chatOf({
    converse: (one) => {
      one.on("close", resolve);
      one.on("message", () => one.send(said("1")));
    },
  });
  const controller = new AbortController();
  const talk = await chat.talk(den, { signal: controller.signal, timeoutMs: 50 });
  await clock.advance(60_000);
  await talk.send({ text: "are you there" });
  expect((await talk.next()).value?.text).toBe("1");
  const reason = new Error("page was left");
  controller.abort(reason);
  expect(await closed).toBe(1000);
  await expect(talk.send({ text: "late" })).rejects.toBe(reason);
  await expect(talk.next()).rejects.toBe(reason);
});

it("gives up a handshake at its deadline and at its caller's signal", async () => {
  const asked: Duplex[] = [];
  const server = createServer().on("upgrade", (_, wire: Duplex) => {
    asked.push(wire);
    server.emit("asked");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(async () => {
    for (const wire of asked) wire.destroy();
    server.close();
  });
  const clock = testClock();
  const { talk } = client(chat, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, clock });

  const late = talk.try(den, { timeoutMs: 500 });
  await once(server, "asked");
  await clock.advance(500);
  expect(await late).toMatchObject({ failure: { code: "unavailable", detail: { because: "no answer in 500 ms" } } });

  const controller = new AbortController();
  const left = talk.try(den, { signal: controller.signal });
  await once(server, "asked");
  const reason = new Error("page was left");
  controller.abort(reason);
  await expect(left).rejects.toBe(reason);
  expect(clock.pending).toBe(0);
  for (const wire of asked) if (!wire.resume().readableEnded) await once(wire, "end");
});

/** As browsers have it: whatever comes beside the address is the name of a protocol. It opens at once. */
class BrowserWebSocket extends EventTarget {
  static readonly made: string[] = [];
  readonly bufferedAmount = 0;

  constructor(url: string, protocol?: unknown) {
    super();
    if (protocol !== undefined && !/^[\w-]+$/.test(String(protocol)))
      throw new DOMException(`The subprotocol '${protocol}' is invalid.`, "SyntaxError");
    BrowserWebSocket.made.push(url);
    queueMicrotask(() => this.dispatchEvent(new Event("open")));
  }

  close(): void {}
}

it.each([
  ["a key", { key: "k1" }, "authorization"],
  ["headers", { headers: { "x-tenant": "a" } }, "x-tenant"],
])("refuses to connect without %s in a browser, which cannot send it", async (_, options, name) => {
  BrowserWebSocket.made.length = 0;
  const webSocket = BrowserWebSocket as unknown as typeof WebSocket;
  const { talk } = client(chat, { url: "https://chat.example", webSocket, ...options });
  await expect(talk.try(den)).rejects.toMatchObject({
    code: "invalid-setting",
    message: `chat.talk is a WebSocket, with which browsers cannot send ${name}`,
    cure: expect.stringContaining("cookie"),
  });
  expect(BrowserWebSocket.made).toEqual([]);
});

it.each([
  ["https://chat.example/api/", "wss://chat.example/api/v1/rooms/a"],
  ["http://localhost:8080", "ws://localhost:8080/v1/rooms/a"],
  ["", "wss://page.example/v1/rooms/a"],
  ["/api", "wss://page.example/api/v1/rooms/a"],
])("connects in a browser to what %j means on its page", async (url, address) => {
  vi.stubGlobal("location", { href: "https://page.example/some/page?x#y" });
  vi.stubGlobal("WebSocket", BrowserWebSocket);
  BrowserWebSocket.made.length = 0;
  const talk = await client(chat, { url }).talk({ params: { room: "a" } });
  expect(BrowserWebSocket.made).toEqual([address]);
  talk.close();
});

it("says so where the platform has no WebSocket", async () => {
  vi.stubGlobal("WebSocket", undefined);
  await expect(client(chat, { url: "https://chat.example" }).talk(den)).rejects.toMatchObject({
    code: "invalid-setting",
    message: "This platform has no WebSocket",
  });
});
