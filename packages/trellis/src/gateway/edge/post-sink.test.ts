import { expect, test } from "vitest";
import { testClock } from "../../testing/index.ts";
import type { AnswerSink, GatewayRequest, Hop } from "../exchange.ts";
import { Flights } from "./flights.ts";
import { PostSink } from "./post-sink.ts";
import { EdgeStore } from "./store.ts";

const key = "http://shop.test/basket";
const headers = ["cache-control", "max-age=60", "content-location", "/basket"];

const client: AnswerSink = {
  interim: () => {},
  head: () => {},
  data: () => true,
  end: () => {},
  whole: () => {},
  fail: () => {},
};

const nowhere: Hop = {
  forward: () => expect.unreachable("Nothing is asked here"),
  upgrade: () => expect.unreachable("Nothing is asked here"),
};

function post() {
  const clock = testClock();
  const store = new EdgeStore(100_000);
  const flights = new Flights({ next: nowhere, clock, store, bodyBytesMax: 1_000 });
  const request: GatewayRequest = {
    method: "POST",
    target: "/basket",
    authority: "shop.test",
    scheme: "http",
    headers: [],
    body: undefined,
    clientAddress: "127.0.0.1",
    requestId: "1",
    startMs: clock.now(),
    deadlineMs: clock.now() + 1_000,
    facts: { service: "shop", upstream: undefined, release: undefined, tries: 1, cache: undefined, upstreamMs: 1 },
  };
  const sink = new PostSink({ sink: client, request, flights, seen: () => flights.overtakeKey(key) });
  return { flights, sink, kept: () => store.resource(key)?.variants[0]?.body.toString() };
}

const bytes = (text: string) => Buffer.from(text);

test("RFC 9110 §9.3.3: what comes in pieces is kept when all of it is there", () => {
  const { sink, kept } = post();
  sink.head(200, headers);
  sink.data(bytes("a "));
  expect(kept()).toBeUndefined();
  sink.data(bytes("basket"));
  sink.end();
  expect(kept()).toBe("a basket");
});

test("RFC 9111 §4.4: what was changed or purged while it was on its way is not kept as it was", () => {
  for (const happens of [
    ({ flights }: ReturnType<typeof post>) => flights.overtakeKey(key),
    ({ flights }: ReturnType<typeof post>) => flights.overtake("basket", undefined),
    ({ flights }: ReturnType<typeof post>) => flights.overtake(undefined, "shop"),
  ]) {
    const posted = post();
    posted.sink.head(200, headers);
    happens(posted);
    posted.sink.data(bytes("a basket"));
    posted.sink.end();
    expect(posted.kept()).toBeUndefined();
  }
});

test("one that is larger than what may be kept is only passed on", () => {
  const { sink, kept } = post();
  sink.head(200, headers);
  sink.data(new Uint8Array(999));
  sink.data(new Uint8Array(2));
  sink.data(new Uint8Array(1));
  sink.end();
  expect(kept()).toBeUndefined();
});

test("RFC 9112 §8: one that is shorter than it says is not kept", () => {
  const { sink, kept } = post();
  sink.head(200, [...headers, "content-length", "9"]);
  sink.data(bytes("a basket"));
  sink.end();
  expect(kept()).toBeUndefined();
});

test("one that fails on its way is not kept", () => {
  const { sink, kept } = post();
  sink.head(200, headers);
  sink.data(bytes("a bas"));
  sink.fail({ reason: "reset", says: "It ended" });
  expect(kept()).toBeUndefined();
});
