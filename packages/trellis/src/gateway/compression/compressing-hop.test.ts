import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { settled, type TestClock, testClock } from "../../testing/test-clock.ts";
import { testRandom } from "../../testing/test-random.ts";
import type { AnswerSink, Forwarding, GatewayRequest, HeaderList, UpgradeSink, UpstreamFailure } from "../exchange.ts";
import { compressingHop } from "./compressing-hop.ts";

const text = "Trellis ".repeat(500);

/** What a client would have got. */
class Received implements AnswerSink {
  status = 0;
  headers: HeaderList = [];
  chunks: Uint8Array[] = [];
  ended = false;
  failure: UpstreamFailure | undefined;
  takes = true;
  readonly done: Promise<void>;
  #done: () => void = () => undefined;

  constructor() {
    this.done = new Promise((resolve) => {
      this.#done = resolve;
    });
  }

  interim(): void {}

  head(status: number, headers: HeaderList): void {
    this.status = status;
    this.headers = headers;
  }

  data(chunk: Uint8Array): boolean {
    this.chunks.push(chunk);
    return this.takes;
  }

  end(): void {
    this.ended = true;
    this.#done();
  }

  whole(status: number, headers: HeaderList, body: Uint8Array | string): void {
    this.head(status, headers);
    this.chunks.push(Buffer.from(body));
    this.end();
  }

  fail(failure: UpstreamFailure): void {
    this.failure = failure;
    this.#done();
  }

  get body(): Buffer {
    return Buffer.concat(this.chunks);
  }

  values(name: string): readonly string[] {
    return this.headers.filter((_, index) => index % 2 === 1 && this.headers[index - 1] === name);
  }
}

interface Passing {
  readonly received: Received;
  readonly sink: AnswerSink;
  readonly forwarding: Forwarding;
  readonly clock: TestClock;
  readonly counts: { resumed: number; aborted: number };
}

function pass(acceptEncoding: string | undefined, more: readonly string[] = [], method = "GET"): Passing {
  const received = new Received();
  const clock = testClock();
  const counts = { resumed: 0, aborted: 0 };
  let given: AnswerSink = received;
  const hop = compressingHop(
    {
      forward: (_, sink) => {
        given = sink;
        return { resume: () => void counts.resumed++, abort: () => void counts.aborted++ };
      },
      upgrade: (_: GatewayRequest, sink: UpgradeSink) => {
        sink.end();
        return { resume: () => undefined, abort: () => undefined };
      },
    },
    clock,
  );
  const headers = acceptEncoding === undefined ? more : ["accept-encoding", acceptEncoding, ...more];
  const forwarding = hop.forward({ method, headers } as unknown as GatewayRequest, received);
  return { received, sink: given, forwarding, clock, counts };
}

const html = ["content-type", "text/html; charset=utf-8"];

describe("an answer that the origin left as it was", () => {
  it.each([
    ["br", brotliDecompressSync],
    ["gzip", gunzipSync],
  ] as const)("is compressed by %s where the client takes it, whole or in pieces", async (encoding, decompress) => {
    for (const inPieces of [false, true]) {
      const { received, sink } = pass(encoding);
      const headers = [...html, "content-length", String(text.length), "etag", '"a"', "accept-ranges", "bytes"];
      if (inPieces) {
        sink.head(200, headers);
        for (let at = 0; at < text.length; at += 1_000) sink.data(Buffer.from(text.slice(at, at + 1_000)));
        sink.end();
      } else sink.whole(200, headers, text);
      await received.done;
      expect(received.values("content-encoding")).toEqual([encoding]);
      expect(received.values("content-length")).toEqual([]);
      expect(received.values("accept-ranges")).toEqual([]);
      expect(received.values("vary")).toEqual(["accept-encoding"]);
      expect(received.values("etag")).toEqual(['W/"a"']);
      expect(received.body.length).toBeLessThan(200);
      expect(decompress(received.body).toString()).toBe(text);
    }
  });

  it("says that it varies also to those who get it as it is", async () => {
    const { received, sink } = pass(undefined);
    sink.whole(200, [...html, "etag", '"a"'], text);
    expect(received.values("vary")).toEqual(["accept-encoding"]);
    expect(received.values("etag")).toEqual(['"a"']);
    expect(received.body.toString()).toBe(text);
  });

  it("says so once", () => {
    for (const vary of ["Accept-Encoding", "cookie, accept-encoding", "*"]) {
      const { received, sink } = pass(undefined);
      sink.whole(200, [...html, "vary", vary], text);
      expect(received.values("vary")).toEqual([vary]);
    }
    const { received, sink } = pass(undefined);
    sink.whole(200, [...html, "vary", "cookie"], text);
    expect(received.values("vary")).toEqual(["cookie", "accept-encoding"]);
  });

  it("has the same headers for HEAD", async () => {
    for (const whole of [true, false]) {
      const { received, sink } = pass("br", [], "HEAD");
      const headers = [...html, "content-length", "4000"];
      if (whole) sink.whole(200, headers, "");
      else {
        sink.head(200, headers);
        sink.end();
      }
      await received.done;
      expect(received.values("content-encoding")).toEqual(["br"]);
      expect(received.body).toHaveLength(0);
    }
  });

  it("leaves open for a HEAD without a length whether it is compressed", async () => {
    for (const whole of [true, false]) {
      const { received, sink } = pass("br", [], "HEAD");
      const headers = [...html, "etag", '"1"'];
      if (whole) sink.whole(200, headers, "");
      else {
        sink.head(200, headers);
        sink.end();
      }
      await received.done;
      expect(received.headers).toEqual([...headers, "vary", "accept-encoding"]);
    }
  });
});

describe("an answer is passed on as it is", () => {
  it.each([
    ["that is compressed already", 200, [...html, "content-encoding", "gzip"]],
    ["that is a part", 206, [...html, "content-range", "bytes 0-3999/9000"]],
    ["that must not be transformed", 200, [...html, "cache-control", "public, no-transform"]],
    ["that is a picture", 200, ["content-type", "image/png"]],
    ["that is of no type", 200, []],
    ["that is a stream of events", 200, ["content-type", "text/event-stream"]],
    ["that is short", 200, [...html, "content-length", "100"]],
    ["that has not changed", 304, html],
  ] as const)("%s", (_, status, headers) => {
    const { received, sink } = pass("br");
    sink.head(status, headers);
    sink.data(Buffer.from(text));
    expect(received.headers).toEqual(headers);
    expect(received.body.toString()).toBe(text);
  });

  it("where the client takes no encoding that we have", () => {
    for (const accepted of ["identity", "deflate", "br;q=0, gzip;q=0", ""]) {
      const { received, sink } = pass(accepted);
      sink.whole(200, html, text);
      expect(received.values("content-encoding")).toEqual([]);
    }
  });
});

it("a 304 has the tag by which the client knows the compressed form", () => {
  const { received, sink } = pass("br", ["if-none-match", '"b", W/"a"']);
  sink.head(304, ["etag", '"a"']);
  expect(received.values("etag")).toEqual(['W/"a"']);
  const strong = pass("br", ["if-none-match", '"a"']);
  strong.sink.head(304, ["etag", '"a"']);
  expect(strong.received.values("etag")).toEqual(['"a"']);
});

it("what has come is passed on soon, though the rest is not there yet", async () => {
  const { received, sink, clock } = pass("gzip");
  sink.head(200, html);
  sink.data(Buffer.from("the first line\n"));
  await clock.advance(50);
  await expect.poll(() => received.body.length, { interval: 1 }).toBeGreaterThan(20);
  expect(received.ended).toBe(false);
  sink.end();
  await received.done;
  expect(gunzipSync(received.body).toString()).toBe("the first line\n");
});

it("a client that does not take more makes the origin rest, and both go on together", async () => {
  const { received, sink, forwarding, counts } = pass("gzip");
  received.takes = false;
  sink.head(200, html);
  const random = testRandom(1);
  const noise = (): Buffer => Buffer.from(Array.from({ length: 65_536 }, () => Math.floor(random() * 256)));
  let chunks = 0;
  while (sink.data(noise())) chunks += 1;
  for (let turn = 0; turn < 50; turn += 1) await settled();
  expect(received.chunks.length).toBeLessThanOrEqual(2);
  received.takes = true;
  do {
    forwarding.resume();
    await settled();
  } while (counts.resumed === 0);
  sink.end();
  await received.done;
  expect(gunzipSync(received.body)).toHaveLength((chunks + 1) * 65_536);
});

it("an answer that breaks off is told as that, and nothing is told after an abort", async () => {
  const { received, sink } = pass("br");
  sink.head(200, html);
  sink.data(Buffer.from(text));
  sink.fail({ reason: "reset", says: "gone" });
  expect(received.failure?.reason).toBe("reset");
  expect(received.ended).toBe(false);
  const left = pass("br");
  left.sink.whole(200, html, text);
  left.forwarding.abort();
  for (let turn = 0; turn < 50; turn += 1) await settled();
  expect(left.counts.aborted).toBe(1);
  expect(left.received.status).toBe(0);
});
