import { once } from "node:events";
import type { Socket } from "node:net";
import { Duplex, PassThrough, Readable } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { frameKind } from "../../frames/frame-kind.ts";
import { FrameWriter } from "../../frames/frame-writer.ts";
import { helloMsMax, windowBytes } from "../../frames/limits.ts";
import { type TestClock, testClock } from "../../testing/test-clock.ts";
import { FramesInstance } from "./frames-instance.contract.ts";
import { FramesUpstream } from "./frames-upstream.ts";
import { gatewayRequest, RecordedAnswer } from "./recorded-answer.contract.ts";

let instance: FramesInstance;
let upstream: FramesUpstream;
let clock: TestClock;

async function open(hello?: string, connections = 1): Promise<void> {
  clock = testClock();
  instance = await FramesInstance.open(hello);
  upstream = new FramesUpstream(instance.path, { clock, connections });
}
afterEach(() => {
  upstream.close();
  instance.close();
});

/** One request that has reached the instance. */
async function asked(request = gatewayRequest(), answer = new RecordedAnswer()) {
  const forwarding = upstream.forward(request, answer);
  const kind = request.body === undefined ? frameKind.request : frameKind.requestWithBody;
  const { stream, payload } = await instance.next(kind);
  return { answer, forwarding, stream, head: payload.toString("latin1").split("\0") };
}
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a request to an instance", () => {
  it("travels as it is, with the time that it has left", async () => {
    await open();
    const { answer, stream, head } = await asked(gatewayRequest({ deadlineMs: clock.now() + 1_500 }));
    expect(head).toEqual([
      ...["host", "shop.localhost", "cookie", "a=1", "cookie", "b=2", "x-request-timeout-ms", "1500"],
      ...["GET", "/items/1?x=1"],
    ]);
    instance.answer(stream, "ball");
    expect(await answer.over).toMatchObject({ status: 200, headers: ["content-type", "text/plain"], text: "ball" });
  });

  it("shares its connection with others, and each gets its own answer, in any order", async () => {
    await open();
    const all = [];
    for (let count = 0; count < 20; count += 1) all.push(await asked());
    expect(instance.sockets).toHaveLength(1);
    for (const { stream } of all.toReversed()) instance.answer(stream, `for ${stream}`);
    for (const { answer, stream } of all) expect(await answer.over).toMatchObject({ text: `for ${stream}` });
  });

  it("spreads over the connections that there may be", async () => {
    await open(undefined, 3);
    for (let count = 0; count < 6; count += 1) await asked();
    expect(instance.sockets).toHaveLength(3);
  });

  it("hears interim answers, a body in pieces and trailers", async () => {
    await open();
    const { answer, stream } = await asked();
    const { writer } = instance;
    writer?.statusHead(frameKind.interim, stream, 103, "link\0</a>");
    writer?.statusHead(frameKind.head, stream, 200, "vary\0accept");
    writer?.data(stream, Buffer.from("one "));
    writer?.data(stream, Buffer.from("two"));
    writer?.head(frameKind.end, stream, "x-sum\x007");
    expect(await answer.over).toMatchObject({ status: 200, text: "one two", trailers: ["x-sum", "7"] });
    expect(answer.interims).toEqual([[103, ["link", "</a>"]]]);
  });

  it("that nobody waits for any more is told to the instance, and what still comes is dropped", async () => {
    await open();
    const { answer, forwarding, stream } = await asked();
    forwarding.abort();
    expect(await instance.next(frameKind.abort)).toMatchObject({ stream });
    instance.answer(stream, "too late");
    const next = await asked();
    expect(next.stream).not.toBe(stream);
    instance.answer(next.stream, "in time");
    expect((await next.answer.over).text).toBe("in time");
    expect(answer.status).toBeUndefined();
  });
});

describe("a request that gets no answer says whether the instance may have seen it", () => {
  it("connect: nobody listens", async () => {
    await open();
    instance.close();
    upstream = new FramesUpstream(`${instance.path}.none`, { clock });
    const answer = new RecordedAnswer();
    upstream.forward(gatewayRequest(), answer);
    expect((await answer.over).failure).toMatchObject({ reason: "connect", says: expect.stringContaining("ENOENT") });
  });

  it.each([
    ["speaks another version", "trellis-frames/2", /version 1 of frames, the other one version 2/],
    ["speaks something else", "SSH-2.0", /does not speak frames/],
  ])("connect: the instance %s", async (_, hello, says) => {
    await open(hello);
    const answer = new RecordedAnswer();
    upstream.forward(gatewayRequest(), answer);
    const { failure } = await answer.over;
    expect(failure).toMatchObject({ reason: "connect", says: expect.stringMatching(says) });
    expect(instance.seen.some(({ kind }) => kind === frameKind.request)).toBe(false);
  });

  it("connect: the instance does not greet in time", async () => {
    await open();
    instance.close();
    const silent = await FramesInstance.open("");
    upstream = new FramesUpstream(silent.path, { clock });
    const answer = new RecordedAnswer();
    upstream.forward(gatewayRequest(), answer);
    await clock.advance(helloMsMax);
    expect((await answer.over).failure?.reason).toBe("connect");
    silent.close();
  });

  it("reset: the connection ends after it was sent, also in the middle of an answer", async () => {
    await open();
    const first = await asked();
    const second = await asked();
    instance.writer?.statusHead(frameKind.head, first.stream, 200, "");
    await first.answer.begun;
    instance.sockets[0]?.destroy();
    for (const { answer } of [first, second]) expect((await answer.over).failure?.reason).toBe("reset");
    const again = await asked();
    instance.answer(again.stream, "back");
    expect((await again.answer.over).text).toBe("back");
  });

  it("unsent: the connection ends in the turn in which it came; the instance never hears of it", async () => {
    await open();
    const first = await asked();
    const late = new RecordedAnswer();
    // In one read: the answer, whose end brings the next request, then a frame that ends the connection.
    first.answer.end = () => void upstream.forward(gatewayRequest(), late);
    instance.answer(first.stream, "");
    instance.writer?.credit(0, 1);
    expect((await late.over).failure).toMatchObject({ reason: "unsent" });
    await nextTurn();
    expect(instance.seen.filter(({ kind }) => kind === frameKind.request)).toEqual([]);
  });

  it.each<[string, (instance: FramesInstance, stream: number) => void]>([
    ["a body before its head", ({ writer }, stream) => writer?.data(stream, Buffer.from("x"))],
    ["a header without a value", ({ writer }, stream) => writer?.whole(stream, 200, "alone", "")],
    ["a status that is none", ({ writer }, stream) => writer?.whole(stream, 77, "", "")],
    ["a stream that never was", ({ writer }) => writer?.data(4_711, Buffer.from("x"))],
    ["bytes that are no frame", ({ sockets }) => sockets[0]?.write("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["more credit than there can be", ({ writer }, stream) => writer?.credit(stream, 1)],
    [
      "more than it had credit for",
      ({ writer }, stream) => {
        writer?.statusHead(frameKind.head, stream, 200, "");
        for (let sent = 0; sent <= windowBytes; sent += 32_768) writer?.data(stream, new Uint8Array(32_768));
      },
    ],
  ])("invalid-answer: the instance sends %s", async (_, send) => {
    await open();
    const answer = new RecordedAnswer();
    answer.takes = false;
    const { stream } = await asked(gatewayRequest(), answer);
    send(instance, stream);
    expect((await answer.over).failure?.reason).toBe("invalid-answer");
    expect(await instance.next(frameKind.goaway)).toBeDefined();
  });

  it("body-failed: the client's body breaks off, which the instance is told", async () => {
    await open();
    const body = new PassThrough();
    body.write("half");
    const { answer, stream } = await asked(gatewayRequest({ method: "POST", body }));
    expect((await instance.next(frameKind.data)).payload.toString()).toBe("half");
    body.destroy();
    expect((await answer.over).failure?.reason).toBe("body-failed");
    expect(await instance.next(frameKind.abort)).toMatchObject({ stream });
  });
});

describe("memory is bounded where one side is slow", () => {
  it("a client that takes nothing has at most one window under way", async () => {
    await open();
    const { answer, forwarding, stream } = await asked();
    answer.takes = false;
    instance.writer?.statusHead(frameKind.head, stream, 200, "");
    for (let sent = 0; sent < windowBytes; sent += 65_536) instance.writer?.data(stream, new Uint8Array(65_536));
    await expect.poll(() => answer.bytes).toBe(windowBytes);
    expect(instance.seen.filter(({ kind }) => kind === frameKind.credit)).toEqual([]);
    answer.takes = true;
    forwarding.resume();
    const { payload } = await instance.next(frameKind.credit);
    expect(payload.readUInt32BE()).toBe(windowBytes);
  });

  it("an instance that takes nothing is sent one window of a body, and its source rests", async () => {
    await open();
    let given = 0;
    const body = new Readable({
      highWaterMark: 65_536,
      read() {
        given += 65_536;
        this.push(given > 40 * 65_536 ? null : new Uint8Array(65_536));
      },
    });
    const { stream } = await asked(gatewayRequest({ method: "PUT", body }));
    await expect.poll(() => instance.bodyBytes(stream)).toBe(windowBytes);
    await nextTurn();
    expect(given).toBeLessThan(windowBytes + 4 * 65_536);
    for (let taken = windowBytes; taken <= 40 * 65_536; taken += 100_000) {
      instance.writer?.credit(stream, 100_000);
      await expect.poll(() => instance.bodyBytes(stream)).toBe(Math.min(taken + 100_000, 40 * 65_536));
    }
    expect(await instance.next(frameKind.end)).toMatchObject({ stream });
    expect(instance.bodyBytes(stream)).toBe(40 * 65_536);
  });

  it("a body in memory waits for credit just so", async () => {
    await open();
    const { stream } = await asked(gatewayRequest({ method: "PUT", body: new Uint8Array(windowBytes + 10) }));
    await expect.poll(() => instance.bodyBytes(stream)).toBe(windowBytes);
    instance.writer?.credit(stream, 100);
    expect(await instance.next(frameKind.end)).toMatchObject({ stream });
    expect(instance.bodyBytes(stream)).toBe(windowBytes + 10);
  });
});

describe("an answer that comes before the body is whole", () => {
  it("ends the sending of the body", async () => {
    await open();
    const body = new PassThrough();
    body.write("some");
    const { answer, stream } = await asked(gatewayRequest({ method: "POST", body }));
    instance.answer(stream, "enough");
    expect((await answer.over).text).toBe("enough");
    expect(await instance.next(frameKind.abort)).toMatchObject({ stream });
    expect(body.listenerCount("data")).toBe(0);
  });
});

describe("an instance that ends", () => {
  it("gets nothing new, and its connection closes with the last answer", async () => {
    await open();
    const first = await asked();
    instance.writer?.says(frameKind.goaway, 0, "draining");
    await expect
      .poll(async () => {
        const next = await asked();
        instance.answer(next.stream, "elsewhere");
        await next.answer.over;
        return instance.sockets.length;
      })
      .toBe(2);
    const [old] = instance.sockets;
    const writer = new FrameWriter(old as Socket);
    writer.whole(first.stream, 200, "", "the last");
    expect((await first.answer.over).text).toBe("the last");
    await once(old as Socket, "close");
  });
});

describe("an upstream that is closed", () => {
  it("ends idle connections at once and others when they are answered; nothing new is sent", async () => {
    await open();
    const { answer, stream } = await asked();
    upstream.close();
    const refused = new RecordedAnswer();
    upstream.forward(gatewayRequest(), refused);
    expect(refused.failure?.reason).toBe("connect");
    instance.answer(stream, "last");
    expect((await answer.over).text).toBe("last");
    await once(instance.sockets[0] as Socket, "close");
  });
});

describe("a switch of protocols", () => {
  it("carries bytes both ways until both sides have ended", async () => {
    await open();
    const toInstance = new PassThrough();
    const toClient = new PassThrough();
    const client = Duplex.from({ readable: toInstance, writable: toClient });
    const answer = new RecordedAnswer(client);
    upstream.upgrade(gatewayRequest({ headers: ["sec-websocket-key", "k"] }), answer);
    const { stream } = await instance.next(frameKind.upgrade);
    instance.writer?.head(frameKind.switched, stream, "sec-websocket-accept\0a");
    expect(await answer.begun).toBe(101);
    toInstance.write("ping");
    expect((await instance.next(frameKind.data)).payload.toString()).toBe("ping");
    instance.writer?.data(stream, Buffer.from("pong"));
    const [chunk] = await once(toClient, "data");
    expect(String(chunk)).toBe("pong");
    instance.writer?.head(frameKind.end, stream, "");
    await once(toClient, "end");
    toInstance.end();
    expect(await instance.next(frameKind.end)).toMatchObject({ stream });
  });

  it("that the instance does not want is answered as any request", async () => {
    await open();
    const answer = new RecordedAnswer();
    upstream.upgrade(gatewayRequest(), answer);
    const { stream } = await instance.next(frameKind.upgrade);
    instance.answer(stream, "no");
    expect(await answer.over).toMatchObject({ status: 200, text: "no" });
  });
});
