import { expect, test } from "vitest";
import { testClock } from "../../testing/index.ts";
import type { AnswerSink, Forwarding, GatewayRequest, HeaderList, Hop } from "../exchange.ts";
import { waitingBytesMax } from "./limits.ts";
import { openEdge } from "./open-edge.ts";

const chunk = new Uint8Array(64 * 1024);

/** An origin that sends what the test says, and notes when it may go on and when nobody listens any more. */
function origin() {
  const state = { sinks: [] as AnswerSink[], resumed: 0, aborted: 0 };
  const forward = (_: GatewayRequest, sink: AnswerSink): Forwarding => {
    state.sinks.push(sink);
    return {
      resume: () => {
        state.resumed += 1;
      },
      abort: () => {
        state.aborted += 1;
      },
    };
  };
  const hop: Hop = { forward, upgrade: forward };
  return { hop, state };
}

/** A client that takes as many chunks as it is told to, and then wants a rest after each. */
class SlowClient implements AnswerSink {
  takes: number;
  chunks = 0;
  ended = false;
  failed = false;

  constructor(takes: number) {
    this.takes = takes;
  }

  interim(): void {}
  head(): void {}

  data(): boolean {
    this.chunks += 1;
    this.takes -= 1;
    return this.takes > 0;
  }

  end(): void {
    this.ended = true;
  }

  whole(): void {
    this.ended = true;
  }

  fail(): void {
    this.failed = true;
  }
}

const request = (headers: HeaderList = []): GatewayRequest => ({
  method: "GET",
  target: "/film",
  authority: "shop",
  scheme: "http",
  headers,
  body: undefined,
  clientAddress: "127.0.0.1",
  requestId: "1",
  startMs: 0,
  deadlineMs: 60_000,
  facts: {
    service: "shop",
    upstream: undefined,
    release: undefined,
    tries: 0,
    cache: undefined,
    upstreamMs: undefined,
  },
});

function open(bodyBytesMax: number, bytesMax = 64 * 1024 * 1024) {
  const { hop, state } = origin();
  const edge = openEdge({ next: hop, clock: testClock(), bytesMax, bodyBytesMax });
  return { edge, state, sink: () => state.sinks[0] as AnswerSink };
}

test("of what is not kept nothing waits here: the origin rests as soon as its only client does", () => {
  const { edge, state, sink } = open(1_000_000);
  const client = new SlowClient(2);
  const forwarding = edge.hop.forward(request(), client);
  sink().head(200, ["cache-control", "private"]);
  expect([sink().data(chunk), sink().data(chunk)]).toEqual([true, false]);
  client.takes = 5;
  forwarding.resume();
  expect(state.resumed).toBe(1);
  sink().end();
  expect([client.chunks, client.ended]).toEqual([2, true]);
});

test("of what is kept a slow client holds up nobody, and gets all of it at its own pace", () => {
  const { edge, sink } = open(2_000_000);
  const [fast, slow] = [new SlowClient(1_000), new SlowClient(1)];
  edge.hop.forward(request(), fast);
  const slowly = edge.hop.forward(request(), slow);
  sink().head(200, ["cache-control", "max-age=60"]);
  for (let i = 0; i < 20; i++) expect(sink().data(chunk)).toBe(true);
  sink().end();
  expect([fast.chunks, fast.ended, slow.chunks, slow.ended]).toEqual([20, true, 1, false]);
  for (let i = 0; i < 19; i++) {
    slow.takes = 1;
    slowly.resume();
  }
  expect([slow.chunks, slow.ended]).toEqual([20, true]);
});

test("of what turns out too large to keep no more waits than a bound, and the origin rests at the slowest client's pace", () => {
  const { edge, state, sink } = open(200_000);
  const [fast, slow] = [new SlowClient(1_000), new SlowClient(1)];
  edge.hop.forward(request(), fast);
  const slowly = edge.hop.forward(request(), slow);
  sink().head(200, ["cache-control", "max-age=60"]);
  let sent = 0;
  while (sink().data(chunk)) sent += 1;
  expect(sent * chunk.length).toBeLessThanOrEqual(waitingBytesMax + 200_000);
  expect(edge.figures().filling).toBe(0);
  slow.takes = 1_000;
  slowly.resume();
  expect([state.resumed, slow.chunks]).toEqual([1, sent + 1]);
  slowly.abort();
  expect(sink().data(chunk)).toBe(true);
  sink().end();
  expect([fast.ended, fast.failed]).toEqual([true, false]);
});

test("a client that left while the others wait for it lets the origin go on", () => {
  const { edge, state, sink } = open(100_000);
  const slow = new SlowClient(1);
  edge.hop.forward(request(), new SlowClient(1_000));
  const slowly = edge.hop.forward(request(), slow);
  sink().head(200, ["cache-control", "max-age=60"]);
  while (sink().data(chunk));
  slowly.abort();
  expect(state.resumed).toBe(1);
});

test("what many clients fetch at once for keeping is bounded together", () => {
  const { edge, state } = open(1_000_000, 1_000_000);
  for (let i = 0; i < 40; i++) edge.hop.forward({ ...request(), target: `/film/${i}` }, new SlowClient(1_000));
  for (const sink of state.sinks) sink.head(200, ["cache-control", "max-age=60"]);
  for (const sink of state.sinks) sink.data(chunk);
  expect(edge.figures().filling).toBeLessThanOrEqual(250_000 + chunk.length);
  for (const sink of state.sinks) sink.end();
  expect(edge.figures()).toMatchObject({ filling: 0, waiting: 0 });
});

test("when the last client leaves, what has a length is fetched to its end for the next one; the rest is not", () => {
  const { edge, state } = open(1_000_000);
  for (const [length, aborted] of [
    ["65536", 0],
    [undefined, 1],
  ] as const) {
    const target = `/film/${length}`;
    const forwarding = edge.hop.forward({ ...request(), target }, new SlowClient(9));
    const sink = state.sinks.at(-1) as AnswerSink;
    sink.head(200, ["cache-control", "max-age=60", ...(length ? ["content-length", length] : [])]);
    forwarding.abort();
    expect(state.aborted).toBe(aborted);
    if (aborted) continue;
    sink.data(chunk);
    sink.end();
    const next = new SlowClient(9);
    edge.hop.forward({ ...request(), target }, next);
    expect(next.ended).toBe(true);
  }
});
