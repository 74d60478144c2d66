import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Upstream } from "../exchange.ts";
import { ask, begin, Collector, called, gatewayRequest } from "./ask.contract.ts";
import { type FaultyOrigin, faultyOrigin, well, wellAnswer } from "./faulty-origin.contract.ts";
import { answerHeadBytesMax, interimAnswersMax } from "./limits.ts";
import { openHttpUpstream } from "./open-http-upstream.ts";

let origin: FaultyOrigin;
let upstream: Upstream;

beforeEach(async () => {
  origin = await faultyOrigin();
  upstream = openHttpUpstream({ address: { url: origin.url } });
});

afterEach(async () => {
  upstream.close();
  await origin.close();
});

/** After whatever went wrong, the next request has an answer of its own. */
async function nextIsUntouched(): Promise<void> {
  origin.behave(well);
  expect(await ask(upstream, { target: "/next" })).toMatchObject({ status: 200, body: "well /next" });
}

test("the client's host, path and headers arrive as they are, and repeated headers stay repeated", async () => {
  await ask(upstream, {
    target: "/a?b=%20c",
    headers: ["host", "shop.example", "x-a", "1", "x-a", "2", "cookie", "a=b"],
  });
  const head = origin.heads[0] ?? "";
  expect(head).toMatch(/^GET \/a\?b=%20c HTTP\/1\.1\r\nhost: shop\.example\r\n/);
  expect(head).toContain("x-a: 1\r\nx-a: 2\r\ncookie: a=b");
});

test("where it is asked for, the origin hears its own host", async () => {
  const own = openHttpUpstream({ address: { url: origin.url, host: "origin" } });
  await ask(own, { headers: ["host", "shop.example", "x-a", "1"] });
  expect(origin.heads[0]).toMatch(new RegExp(`host: 127\\.0\\.0\\.1:${origin.port}\r\n(.*\r\n)*x-a: 1`));
  own.close();
});

test("an answer in one piece is passed on as a whole, without the headers of the connection", async () => {
  origin.behave((socket) => {
    socket.write(
      "HTTP/1.1 201 Created\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-Mine: 1\r\nConnection: keep-alive, x-mine\r\nKeep-Alive: timeout=5\r\nContent-Length: 2\r\n\r\nhi",
    );
  });
  expect(await ask(upstream)).toMatchObject({
    status: 201,
    body: "hi",
    whole: true,
    headers: ["set-cookie", "a=1", "set-cookie", "b=2", "content-length", "2"],
  });
});

test("what comes in chunks is passed on as it comes, and its trailers at the end", async () => {
  let more = (): void => {};
  origin.behave((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n3\r\none\r\n");
    more = () => void socket.write("3\r\ntwo\r\n0\r\nx-sum: 7\r\n\r\n");
  });
  const { sink } = begin(upstream);
  await called(sink, "onData");
  expect(sink).toMatchObject({ status: 200, headers: [] });
  more();
  expect(await sink.answer).toMatchObject({ body: "onetwo", trailers: ["x-sum", "7"], whole: false });
  await nextIsUntouched();
});

test("HEAD, 204 and 304 have no body, and the connection is used again", async () => {
  origin.behave((socket, head) => {
    const status = head.startsWith("HEAD") ? "200 OK" : head.includes("/204") ? "204 No Content" : "304 Not Modified";
    const length = status.startsWith("204") ? "" : "content-length: 10\r\n";
    socket.write(`HTTP/1.1 ${status}\r\n${length}connection: keep-alive\r\n\r\n`);
  });
  expect(await ask(upstream, { method: "HEAD" })).toMatchObject({ status: 200, body: "", failure: undefined });
  expect(await ask(upstream, { target: "/204" })).toMatchObject({ status: 204, body: "", failure: undefined });
  expect(await ask(upstream, { target: "/304" })).toMatchObject({ status: 304, body: "", failure: undefined });
  await nextIsUntouched();
});

test("interim answers are passed on before the answer", async () => {
  origin.behave((socket) => {
    socket.write("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n");
    socket.write(wellAnswer("ok"));
  });
  expect(await ask(upstream)).toMatchObject({ status: 200, interims: [102, 103] });
  await nextIsUntouched();
});

test("a flood of interim answers is cut off", async () => {
  origin.behave((socket) => {
    for (let sent = 0; sent <= interimAnswersMax; sent++) socket.write("HTTP/1.1 103 Early Hints\r\n\r\n");
    socket.write(wellAnswer("ok"));
  });
  const answer = await ask(upstream);
  expect(answer.failure).toMatchObject({ reason: "invalid-answer" });
  expect(answer.interims).toHaveLength(interimAnswersMax);
  await nextIsUntouched();
});

test("bodies go with their length, or in chunks where it is not known", async () => {
  const body = "x".repeat(200_000);
  origin.behave((socket) => {
    const whole = origin.received().includes("0\r\n\r\n") || origin.received().endsWith("small");
    if (!whole) socket.once("data", () => socket.write(wellAnswer("taken")));
    else socket.write(wellAnswer("taken"));
  });
  const known = await ask(upstream, {
    method: "POST",
    headers: ["host", "a.test", "content-length", "5"],
    body: Buffer.from("small"),
  });
  expect(known.body).toBe("taken");
  expect(origin.heads[0]).toContain("content-length: 5");
  await ask(upstream, { method: "POST", body: Readable.from([Buffer.from(body)]) });
  expect(origin.heads.join("\n")).toContain("transfer-encoding: chunked");
});

test("`expect` is not asked twice: the front has answered it", async () => {
  await ask(upstream, {
    method: "POST",
    headers: ["host", "a.test", "expect", "100-continue"],
    body: Buffer.from("x"),
  });
  expect(origin.heads[0]).not.toContain("expect");
});

test("no connection: nothing was sent", async () => {
  await origin.close();
  expect((await ask(upstream)).failure).toMatchObject({ reason: "connect" });
  origin = await faultyOrigin();
});

test("a connection that ends before the answer is a reset", async () => {
  origin.behave((socket) => void socket.destroy());
  expect((await ask(upstream)).failure).toMatchObject({ reason: "reset" });
  await nextIsUntouched();
});

test("a reset in the head is a reset, and half a head is never an answer", async () => {
  origin.behave((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-le", () => socket.resetAndDestroy());
  });
  expect(await ask(upstream)).toMatchObject({ status: 0, failure: { reason: "reset" } });
  await nextIsUntouched();
});

test("a reset in the body fails after the head, so that nobody takes the part for the whole", async () => {
  origin.behave((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", () => socket.resetAndDestroy());
  });
  expect(await ask(upstream)).toMatchObject({ status: 200, body: "half", failure: { reason: "reset" } });
  await nextIsUntouched();
});

test("a body that is shorter than its length, or ends within a chunk, fails", async () => {
  for (const sent of [
    "content-length: 100\r\n\r\nhalf",
    "transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    "transfer-encoding: chunked\r\n\r\nff\r\nhalf",
  ]) {
    origin.behave((socket) => void socket.end(`HTTP/1.1 200 OK\r\n${sent}`));
    const { status, body, failure } = await ask(upstream);
    expect({ status, body }).toEqual({ status: 200, body: "half" });
    expect(failure).toBeDefined();
  }
  await nextIsUntouched();
});

test("what comes after the end of an answer belongs to nobody", async () => {
  origin.behave(
    (socket) => void socket.write(`${wellAnswer("first")}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil`),
  );
  expect(await ask(upstream)).toMatchObject({ status: 200, body: "first" });
  await nextIsUntouched();
});

test("bytes on an idle connection end it, and are not the answer to the next request", async () => {
  await ask(upstream);
  const [idle] = origin.sockets;
  if (!idle) throw new Error("the connection is kept");
  const closed = new Promise((resolve) => idle.once("close", resolve));
  idle.write(wellAnswer("evil"));
  await closed;
  await nextIsUntouched();
  expect(origin.connections).toBe(2);
});

test.each([
  ["no HTTP at all", "SSH-2.0-OpenSSH_9.6\r\n"],
  ["two lengths that differ", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd"],
  [
    "a length and chunks",
    "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
  ],
  ["a length that is no number", "HTTP/1.1 200 OK\r\ncontent-length: -3\r\n\r\nabc"],
  ["a space in a header's name", "HTTP/1.1 200 OK\r\nbad name: 1\r\n\r\n"],
  ["a chunk whose size is no number", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n"],
  [
    "a switch of protocols that nobody asked for",
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
  ],
  ["a NUL in a header", "HTTP/1.1 200 OK\r\nx-a: a\0b\r\ncontent-length: 0\r\n\r\n"],
])("%s is an invalid answer", async (_, sent) => {
  origin.behave((socket) => void socket.write(sent));
  expect((await ask(upstream)).failure).toMatchObject({ reason: "invalid-answer" });
  await nextIsUntouched();
});

test("a head over the limit is told as such", async () => {
  origin.behave((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nx-a: ${"a".repeat(answerHeadBytesMax + 1)}\r\ncontent-length: 0\r\n\r\n`);
  });
  expect((await ask(upstream)).failure).toMatchObject({ reason: "too-large" });
  await nextIsUntouched();
});

test("an answer before the body was sent is passed on, and the connection is not used again", async () => {
  origin.behave((socket) => void socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno"));
  const body = new Readable({ read() {} });
  body.push("begun");
  const answer = await ask(upstream, { method: "POST", body });
  expect(answer).toMatchObject({ status: 413, body: "no", failure: undefined });
  await nextIsUntouched();
  expect(origin.connections).toBe(2);
});

test("a client's body that breaks off is the client's fault", async () => {
  origin.behave(() => {});
  const body = new Readable({ read() {} });
  body.push("begun");
  const { sink } = begin(upstream, { method: "POST", headers: ["host", "a.test", "content-length", "100"], body });
  await new Promise((resolve) => setImmediate(resolve));
  body.destroy(new Error("gone"));
  expect((await sink.answer).failure).toMatchObject({ reason: "body-failed" });
  await nextIsUntouched();
});

test("an origin that never answers is left when nobody waits any more, and nothing is told then", async () => {
  const asked = new Promise<void>((resolve) => origin.behave(() => resolve()));
  const { sink, forwarding } = begin(upstream);
  await asked;
  const [socket] = origin.sockets;
  if (!socket) throw new Error("it is connected");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  forwarding.abort();
  await closed;
  expect(sink.status).toBe(0);
  await nextIsUntouched();
});

test("a slow client makes the origin wait, and gets all of it in the end", async () => {
  const bytes = 8_000_000;
  let sent = 0;
  origin.behave((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${bytes}\r\n\r\n`);
    const chunk = Buffer.alloc(100_000, "a");
    const send = (): void => {
      while (sent < bytes) {
        sent += chunk.length;
        if (!socket.write(chunk)) return void socket.once("drain", send);
      }
    };
    send();
  });
  const sink = new Collector();
  sink.wantsMore = false;
  const { forwarding } = begin(upstream, {}, sink);
  await called(sink, "onData");
  const taken = () => sink.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(taken()).toBeLessThan(200_000);
  sink.wantsMore = true;
  forwarding.resume();
  expect((await sink.answer).body).toHaveLength(bytes);
});

test("connections are kept, and never more than allowed", async () => {
  const few = openHttpUpstream({ address: { url: origin.url }, connectionsMax: 2 });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => ask(few, { target: `/${at}` })));
  expect(answers.map(({ body }) => body)).toEqual(Array.from({ length: 20 }, (_, at) => `well /${at}`));
  expect(origin.connections).toBe(2);
  few.close();
});

test("what nobody can say in HTTP/1.1 is not sent", async () => {
  const answer = await ask(upstream, { target: "/a b" });
  expect(answer.failure).toMatchObject({ reason: "body-failed" });
  expect(origin.requests).toBe(0);
  await nextIsUntouched();
});

const upgradeHeaders = ["host", "a.test", "upgrade", "websocket", "sec-websocket-key", "abc"];

test("protocols are switched: bytes go both ways, and the end of one side is the end of the other", async () => {
  origin.behave((socket, head) => {
    expect(head).toMatch(/upgrade: websocket/);
    expect(head).toMatch(/connection: upgrade/);
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nx-a: 1\r\n\r\nhello",
    );
    socket.on("data", (chunk) => socket.write(`echo ${chunk}`));
  });
  const sink = new Collector();
  const switched = called(sink, "onSwitched");
  upstream.upgrade(gatewayRequest({ headers: upgradeHeaders }), sink);
  await switched;
  expect(sink.headers).toEqual(["x-a", "1", "upgrade", "websocket"]);
  const side = sink.side;
  if (!side) throw new Error("it has switched");
  side.says("ping");
  await side.hasReceived("helloecho ping");
  const closed = new Promise((resolve) => side.once("close", resolve));
  for (const socket of origin.sockets) socket.destroy();
  await closed;
});

test("an origin that does not switch answers as always", async () => {
  origin.behave((socket) => void socket.write("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno"));
  const sink = new Collector();
  upstream.upgrade(gatewayRequest({ headers: upgradeHeaders }), sink);
  expect(await sink.answer).toMatchObject({ status: 403, body: "no" });
});

test("a switch fails like any request: no connection, a reset, no HTTP", async () => {
  const tried = async () => {
    const sink = new Collector();
    upstream.upgrade(gatewayRequest({ headers: upgradeHeaders }), sink);
    return (await sink.answer).failure?.reason;
  };
  origin.behave((socket) => void socket.destroy());
  expect(await tried()).toBe("reset");
  origin.behave((socket) => void socket.write("nonsense\r\n\r\n"));
  expect(await tried()).toBe("invalid-answer");
  await origin.close();
  expect(await tried()).toBe("connect");
  origin = await faultyOrigin();
});
