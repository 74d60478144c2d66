import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../../model/contract.ts";
import { events } from "../../../model/reply.ts";
import { get } from "../../../model/route.ts";
import { testClock } from "../../../testing/test-clock.ts";
import { client } from "./client.ts";

const Tick = z.object({
  at: z.codec(z.iso.datetime(), z.date(), { decode: (t) => new Date(t), encode: (d) => d.toISOString() }),
});
const ticks = contract("ticks", {
  watch: get("/v1/ticks/:name", { returns: events(Tick) }),
  one: get("/v1/one", { returns: Tick }),
});
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A client of a real server that answers with `handle`. */
async function clientOf(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const clock = testClock();
  return { clock, ticks: client(ticks, { url: `http://127.0.0.1:${port}`, clock }) };
}

const live = { "content-type": "text/event-stream; charset=utf-8" };
const tick = (second: number) => `data: {"at":"2026-01-01T00:00:0${second}Z"}\n\n`;

it("gives a stream's events one by one while they come", async () => {
  const asked: (string | undefined)[] = [];
  let more: ServerResponse | undefined;
  const { ticks } = await clientOf((request, response) => {
    asked.push(request.headers.accept, request.headers["x-request-timeout-ms"] as string | undefined, request.url);
    more = response.writeHead(200, live);
    response.write(`: hello\n\nretry: 10\n${tick(1)}`);
  });
  const seconds: number[] = [];
  for await (const { at } of await ticks.watch({ params: { name: "a/b" } })) {
    seconds.push(at.getUTCSeconds());
    if (seconds.length === 1)
      more?.end(`id: 7\nevent: tick\ndata: {"at":\ndata: "2026-01-01T00:00:02Z"}\r\n\r\n${tick(3)}`);
  }
  expect(seconds).toEqual([1, 2, 3]);
  expect(asked).toEqual(["text/event-stream", undefined, "/v1/ticks/a%2Fb"]);
});

it("hangs up when the loop is left", async () => {
  const { promise: hungUp, resolve } = Promise.withResolvers<void>();
  const { ticks } = await clientOf((_, response) => {
    response.on("close", resolve);
    response.writeHead(200, live).write(tick(1));
  });
  for await (const _ of await ticks.watch({ params: { name: "a" } })) break;
  await hungUp;
});

it("hangs up when the stream is given back while an event is awaited", async () => {
  const { promise: hungUp, resolve } = Promise.withResolvers<void>();
  const { ticks } = await clientOf((_, response) => {
    response.on("close", resolve);
    response.writeHead(200, live).flushHeaders();
  });
  const stream = (await ticks.watch({ params: { name: "a" } }))[Symbol.asyncIterator]();
  const next = stream.next();
  await stream.return?.();
  expect(await next).toEqual({ done: true, value: undefined });
  await hungUp;
});

it("lets a stream go on past the deadline of its beginning, until its signal", async () => {
  let more: ServerResponse | undefined;
  const { ticks, clock } = await clientOf((_, response) => {
    more = response.writeHead(200, live);
    response.write(tick(1));
  });
  const controller = new AbortController();
  const stream = (await ticks.watch({ params: { name: "a" } }, { signal: controller.signal, timeoutMs: 50 }))[
    Symbol.asyncIterator
  ]();
  await stream.next();
  await clock.advance(60_000);
  more?.write(tick(2));
  expect((await stream.next()).value?.at.getUTCSeconds()).toBe(2);
  const next = stream.next();
  const reason = new Error("page was left");
  controller.abort(reason);
  await expect(next).rejects.toBe(reason);
});

it("says that a stream broke off", async () => {
  const { ticks } = await clientOf((_, response) => {
    response.writeHead(200, live).write(tick(1), () => response.destroy());
  });
  const seen: unknown[] = [];
  const reading = (async () => {
    for await (const event of await ticks.watch({ params: { name: "a" } })) seen.push(event);
  })();
  await expect(reading).rejects.toMatchObject({ code: "unavailable", message: "The stream of events broke off" });
  expect(seen).toHaveLength(1);
});

it("lets no event pass that the contract does not promise", async () => {
  const { ticks } = await clientOf((_, response) => response.writeHead(200, live).end('data: {"at":"noon"}\n\n'));
  const stream = (await ticks.watch({ params: { name: "a" } }))[Symbol.asyncIterator]();
  await expect(stream.next()).rejects.toMatchObject({ code: "unexpected-answer", fields: [{ field: "answer.at" }] });
});

it("says unavailable where nobody listens, and where the answer breaks off", async () => {
  const { ticks } = await clientOf((_, response) => {
    response.writeHead(200, { "content-length": "100" }).write("{", () => response.destroy());
  });
  expect(await ticks.one.try()).toMatchObject({ failure: { code: "unavailable" } });
  await closing.pop()?.();
  expect(await ticks.one.try()).toMatchObject({ failure: { code: "unavailable" } });
});
