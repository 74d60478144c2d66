import { beforeEach, expect, it } from "vitest";
import { settled, type TestClock, testClock } from "../../../testing/test-clock.ts";
import { brokenOff, instanceEnding, over } from "../conversation-end.ts";
import { unreadBytesMax, unsentBytesMax, unsentLookMs } from "./call-limits.ts";
import { WebWireSocket } from "./web-wire-socket.ts";

/** A browser's WebSocket whose network is the test. */
class ScriptedWebSocket extends EventTarget {
  bufferedAmount = 0;
  readonly sent: string[] = [];
  closedWith: readonly unknown[] | undefined;

  send(text: string): void {
    this.sent.push(text);
    this.bufferedAmount += text.length;
  }

  close(...said: unknown[]): void {
    this.closedWith = said;
  }

  tell(type: "open" | "message" | "close", facts: object = {}): void {
    this.dispatchEvent(Object.assign(new Event(type), facts));
  }
}

let web: ScriptedWebSocket;
let clock: TestClock;
let socket: WebWireSocket;

beforeEach(() => {
  web = new ScriptedWebSocket();
  clock = testClock();
  socket = new WebWireSocket(web as unknown as WebSocket, clock);
});

it("lets the next message wait while much is on its way out", async () => {
  await socket.send("a".repeat(unsentBytesMax));
  let isTaken = false;
  const sending = socket.send("b").then(() => {
    isTaken = true;
  });
  await clock.advance(5 * unsentLookMs);
  expect(isTaken).toBe(false);
  web.bufferedAmount = 0;
  await clock.advance(unsentLookMs);
  await sending;
});

it("waits for nothing that is on its way out once it has ended", async () => {
  const sending = socket.send("a".repeat(unsentBytesMax + 1));
  web.tell("close", brokenOff);
  await clock.advance(unsentLookMs);
  await sending;
  expect(clock.pending).toBe(0);
  await socket.send("late");
  expect(web.sent).toHaveLength(1);
});

it("gives what came before the end, and then the end", async () => {
  web.tell("open");
  expect(await socket.opened).toBe(true);
  web.tell("message", { data: "1" });
  web.tell("message", { data: "2" });
  web.tell("close", { code: 1005, reason: "" });
  expect(await socket.texts.next()).toEqual({ done: false, value: "1" });
  expect(await socket.texts.next()).toEqual({ done: false, value: "2" });
  expect(await socket.texts.next()).toEqual({ done: true, value: undefined });
  expect(await socket.ended).toEqual({ code: 1005, reason: "" });
});

it("tells a handshake that failed from an open socket", async () => {
  web.tell("close", brokenOff);
  expect(await socket.opened).toBe(false);
});

it("ends when more comes than is read, so that nobody fills the memory", async () => {
  const data = "m".repeat(100_000);
  let came = 0;
  while (!web.closedWith && came < 1_000) {
    web.tell("message", { data });
    came += 1;
  }
  expect(web.closedWith).toEqual([4_503, "unavailable: More came than was read"]);
  expect(came * data.length * 2).toBeLessThan(2 * unreadBytesMax);
  expect(await socket.texts.next()).toEqual({ done: false, value: data });
});

it("counts also the shortest messages that nobody reads", () => {
  for (let came = 0; came < 300_000; came++) web.tell("message", { data: "" });
  expect(web.closedWith?.[0]).toBe(4_503);
});

it("takes any number of messages that are read", async () => {
  const data = "m".repeat(1_000_000);
  for (let came = 0; came < 50; came++) {
    web.tell("message", { data });
    expect((await socket.texts.next()).value).toHaveLength(data.length);
  }
  expect(web.closedWith).toBeUndefined();
});

it("ends with bytes, which are no message", async () => {
  web.tell("message", { data: new ArrayBuffer(3) });
  expect(await socket.ended).toEqual({ code: 4_502, reason: "unexpected-answer: Bytes came instead of a text" });
});

it("drops what nobody reads when it is ended, and says only what a client may", async () => {
  web.tell("message", { data: "1" });
  web.tell("message", { data: "2" });
  expect((await socket.texts.next()).value).toBe("1");
  socket.end(over);
  socket.end({ code: 4_000, reason: "again" });
  expect(web.closedWith).toEqual([1000, ""]);
  web.tell("message", { data: "3" });
  expect(await socket.texts.next()).toEqual({ done: true, value: undefined });
  expect(await socket.ended).toEqual(over);
});

it("leaves out a code that only servers may say, which browsers would throw at", async () => {
  const next = socket.texts.next();
  await settled();
  socket.end(instanceEnding);
  expect(web.closedWith).toEqual([]);
  expect(await next).toEqual({ done: true, value: undefined });
});
