import { connect } from "node:net";
import { expect, it } from "vitest";
import { testClock } from "../../testing/test-clock.ts";
import type { AnswerSink } from "../exchange.ts";
import { exchange, get, openRig, RawConnection } from "./front-rig.contract.ts";

const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

function refused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(false));
    socket.on("error", () => resolve(true));
  });
}

it("an idle connection may still ask in the window, and is told that it was the last time", async () => {
  const clock = testClock();
  const { front, port } = await openRig({ clock });
  const client = new RawConnection(port);
  client.write(request);
  await client.until("hello");
  const drained = front.drain({ windowMs: 1_000, hardMs: 10_000 });
  expect(await refused(port)).toBe(true);
  await clock.advance(500);
  client.write(request);
  expect(await client.until("hello")).toMatch(/connection: close/);
  await client.closed;
  await clock.advance(600);
  expect(await drained).toBe(0);
});

it("after the window idle connections are closed, those too that never asked", async () => {
  const clock = testClock();
  const { front, port } = await openRig({ clock });
  const used = new RawConnection(port);
  used.write(request);
  await used.until("hello");
  const silent = new RawConnection(port);
  const asking = exchange(port, get("/"));
  await asking;
  const drained = front.drain({ windowMs: 100, hardMs: 10_000 });
  await clock.advance(200);
  await Promise.all([used.closed, silent.closed]);
  await clock.advance(200);
  expect(await drained).toBe(0);
});

it("what is under way is answered whole, and only the deadline cuts it", async () => {
  const clock = testClock();
  const { front, hop, port } = await openRig({ clock });
  const sinks: AnswerSink[] = [];
  const asked = new Promise<void>((resolve) => {
    hop.script = (_, sink) => {
      sinks.push(sink);
      if (sinks.length === 2) resolve();
    };
  });
  const finishes = new RawConnection(port);
  finishes.write(request);
  const hangs = new RawConnection(port);
  hangs.write(request);
  await asked;
  const drained = front.drain({ windowMs: 100, hardMs: 5_000 });
  await clock.advance(3_000);
  sinks[0]?.whole(200, [], "in time");
  const late = finishes.until("in time");
  await clock.advance(100);
  expect(await late).toMatch(/connection: close/);
  await finishes.closed;
  await clock.advance(2_000);
  await hangs.closed;
  expect(await drained).toBe(1);
  expect(hop.aborted).toBe(1);
});

it("what was asked for in one packet is all answered, and the last answer closes", async () => {
  const { front, hop, port } = await openRig();
  const sinks: AnswerSink[] = [];
  const asked = new Promise<void>((resolve) => {
    hop.script = (_, sink) => {
      sinks.push(sink);
      if (sinks.length === 3) resolve();
    };
  });
  const answers = exchange(port, request.repeat(3));
  await asked;
  const drained = front.drain({ windowMs: 1, hardMs: 10_000 });
  for (const [index, sink] of [...sinks.entries()].reverse()) sink.whole(200, [], `answer ${index}`);
  const text = await answers;
  expect(text.match(/answer \d/g)).toEqual(["answer 0", "answer 1", "answer 2"]);
  expect(text.match(/connection: close/g)).toHaveLength(1);
  expect(await drained).toBe(0);
});

it("it is told when nothing is left but what has no end of its own, which is left to others to end", async () => {
  const clock = testClock();
  const { front, hop, port } = await openRig({ clock });
  const sinks = new Map<string, AnswerSink>();
  hop.script = ({ target }, sink) => void sinks.set(target, sink);
  hop.upgradeScript = (_, sink) => {
    const side = sink.switched(["upgrade", "websocket"]).resume();
    side.on("end", () => side.end());
  };
  const [switched, listening, asking] = [new RawConnection(port), new RawConnection(port), new RawConnection(port)];
  switched.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
  await switched.until("\r\n\r\n");
  listening.write("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
  asking.write("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  await expect.poll(() => sinks.size).toBe(2);
  sinks.get("/events")?.head(200, ["content-type", "text/event-stream; charset=utf-8"]);
  await listening.until("\r\n\r\n");
  let told = 0;
  const drained = front.drain({ windowMs: 100, hardMs: 10_000, onAnswered: () => (told += 1) });
  await clock.advance(4_000);
  sinks.get("/slow")?.whole(200, [], "at last");
  await asking.until("at last");
  await asking.closed;
  // So young a stream may end by itself.
  await clock.advance(5_900);
  expect(told).toBe(0);
  sinks.get("/events")?.end();
  await clock.advance(20);
  await listening.closed;
  await clock.advance(20);
  expect(told).toBe(1);
  expect(switched.socket.destroyed).toBe(false);
  switched.socket.end();
  await switched.closed;
  await clock.advance(20);
  expect(await drained).toBe(0);
  expect(told).toBe(1);
});

it("a stream of events that has lasted as long as a drain may is taken to have no end", async () => {
  const clock = testClock();
  const { front, hop, port } = await openRig({ clock });
  let events: AnswerSink | undefined;
  hop.script = (_, sink) => {
    events = sink;
    sink.head(200, ["content-type", "text/event-stream"]);
  };
  const listening = new RawConnection(port);
  listening.write(request);
  await listening.until("\r\n\r\n");
  await clock.advance(6_000);
  let told = 0;
  const drained = front.drain({ windowMs: 100, hardMs: 10_000, onAnswered: () => (told += 1) });
  await clock.advance(3_800);
  expect(told).toBe(0);
  await clock.advance(240);
  expect(told).toBe(1);
  expect(listening.socket.destroyed).toBe(false);
  events?.end();
  await clock.advance(20);
  await listening.closed;
  await clock.advance(20);
  expect(await drained).toBe(0);
});

it("a connection that has switched is left alone until the deadline", async () => {
  const clock = testClock();
  const { front, hop, port } = await openRig({ clock });
  hop.upgradeScript = (_, sink) => void sink.switched(["upgrade", "websocket"]);
  const client = new RawConnection(port);
  client.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
  await client.until("\r\n\r\n");
  const drained = front.drain({ windowMs: 100, hardMs: 5_000 });
  await clock.advance(4_000);
  expect(client.socket.destroyed).toBe(false);
  await clock.advance(2_000);
  await client.closed;
  expect(await drained).toBe(1);
});
