import { expect, it } from "vitest";
import type { ConversationEnd } from "../../../model/conversation.ts";
import { TrellisError } from "../../../model/errors.ts";
import { settled, testClock } from "../../../testing/test-clock.ts";
import { brokenOff, endOfError, instanceEnding, over } from "../conversation-end.ts";
import type { WireSocket } from "../port.ts";
import { HeldSocket } from "./held-socket.ts";
import { Wait } from "./wait.ts";

/** The service's side, in the hand of a test: it takes a message when `take` is called. */
class ScriptedWire implements WireSocket {
  readonly sent: string[] = [];
  readonly texts: AsyncIterator<string, undefined>;
  readonly ended: Promise<ConversationEnd>;
  #end: ConversationEnd | undefined;
  readonly #tellEnd: (end: ConversationEnd) => void;
  readonly #said: string[] = [];
  #wake = Promise.withResolvers<void>();
  #takes: (() => void)[] = [];
  /** How many `next` of it were under way at once at most. */
  readersMax = 0;
  #readers = 0;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<ConversationEnd>();
    this.ended = promise;
    this.#tellEnd = resolve;
    this.texts = { next: () => this.#next() };
  }

  end(end: ConversationEnd): void {
    if (this.#end) return;
    this.#end = end;
    this.#tellEnd(end);
    this.#wake.resolve();
  }

  say(text: string): void {
    this.#said.push(text);
    this.#wake.resolve();
  }

  send(text: string): Promise<void> {
    this.sent.push(text);
    return new Promise((resolve) => this.#takes.push(resolve));
  }

  take(): void {
    this.#takes.shift()?.();
  }

  async #next(): Promise<IteratorResult<string, undefined>> {
    this.readersMax = Math.max(this.readersMax, ++this.#readers);
    while (this.#said.length === 0 && !this.#end) {
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
    this.#readers -= 1;
    const value = this.#said.shift();
    return value === undefined ? { done: true, value: undefined } : { done: false, value };
  }
}

const misfit = new TrellisError("unexpected-answer", { says: "not a number" });
const decode = async (text: string): Promise<number> => {
  if (Number.isNaN(Number(text))) throw misfit;
  return Number(text);
};

function held() {
  const wire = new ScriptedWire();
  const caller = new AbortController();
  const clock = testClock();
  const wait = new Wait(clock, clock.now() + 1_000, [caller.signal]);
  wait.forgetDeadline();
  return { wire, caller, clock, socket: new HeldSocket(wire, decode, wait) };
}

it("gives each message decoded, in its order, and ends when the service ends it", async () => {
  const { wire, socket } = held();
  for (const text of ["1", "2", "3"]) wire.say(text);
  wire.end(over);
  const seen: unknown[] = [];
  for await (const message of socket) seen.push(message);
  expect(seen).toEqual([1, 2, 3]);
  expect(await socket.next()).toEqual({ done: true, value: undefined });
});

it("asks the service for one message at a time, however many are awaited", async () => {
  const { wire, socket } = held();
  const both = Promise.all([socket.next(), socket.next()]);
  await settled();
  wire.say("1");
  wire.say("2");
  expect(await both).toEqual([
    { done: false, value: 1 },
    { done: false, value: 2 },
  ]);
  expect(wire.readersMax).toBe(1);
});

it.each([
  ["a problem", endOfError(new TrellisError("forbidden", { says: "You are out" })), "forbidden", "You are out"],
  ["the instance's end", instanceEnding, "unavailable", "This instance is ending"],
  ["a break", brokenOff, "unavailable", "The connection broke off"],
])("gives what had come and then throws why it ended: %s", async (_, end, code, message) => {
  const { wire, socket } = held();
  wire.say("1");
  wire.end(end);
  expect(await socket.next()).toEqual({ done: false, value: 1 });
  await expect(socket.next()).rejects.toMatchObject({ code, message });
  expect(await socket.next()).toEqual({ done: true, value: undefined });
  await expect(socket.send(1)).rejects.toMatchObject({ code, message });
});

it("resolves what is sent when the service has taken it", async () => {
  const { wire, socket } = held();
  let isTaken = false;
  const sending = socket.send({ text: "é" }).then(() => {
    isTaken = true;
  });
  await settled();
  expect([wire.sent, isTaken]).toEqual([['{"text":"é"}'], false]);
  wire.take();
  await sending;
});

it("does not say that a message was lost which the service took just before it ended", async () => {
  const { wire, socket } = held();
  const sending = socket.send(1);
  wire.take();
  wire.end(over);
  await sending;
  await expect(socket.send(2)).rejects.toMatchObject({ code: "unavailable", message: "The socket is closed" });
  expect(wire.sent).toEqual(["1"]);
});

it("throws why it ended to whoever still waits for a message to be taken", async () => {
  const { wire, socket } = held();
  const sending = Promise.allSettled([socket.send(1), socket.send(2)]);
  wire.end(instanceEnding);
  for (const { status } of await sending) expect(status).toBe("rejected");
  expect(await sending).toMatchObject([{ reason: { message: instanceEnding.reason } }, { reason: {} }]);
});

it.each([
  ["a big integer", { n: 1n }],
  ["nothing", undefined],
  ["a function", () => 1],
])("refuses to send %s, which is no JSON, and goes on", async (_, message) => {
  const { wire, socket } = held();
  await expect(socket.send(message)).rejects.toMatchObject({ code: "invalid-input", fields: [{ field: "message" }] });
  const sending = socket.send(1);
  wire.take();
  await sending;
  expect(wire.sent).toEqual(["1"]);
});

it.each(["close", "return"] as const)(
  "ends at %s, also while a message is awaited and one is on its way",
  async (way) => {
    const { wire, socket, clock } = held();
    const reading = socket.next();
    const sending = socket.send(1);
    const refused = expect(sending).rejects.toMatchObject({ message: "The socket is closed" });
    await socket[way]();
    expect(await reading).toEqual({ done: true, value: undefined });
    await refused;
    expect(await wire.ended).toEqual(over);
    expect(clock.pending).toBe(0);
  },
);

it("drops what had come and was not asked for when it is closed", async () => {
  const { wire, socket } = held();
  wire.say("1");
  wire.say("2");
  for await (const message of socket) {
    expect(message).toBe(1);
    break;
  }
  expect(await socket.next()).toEqual({ done: true, value: undefined });
  expect(await wire.ended).toEqual(over);
});

it("ends with a message that the contract does not promise, and tells the service", async () => {
  const { wire, socket } = held();
  wire.say("one");
  wire.say("2");
  await expect(socket.next()).rejects.toBe(misfit);
  expect(await wire.ended).toEqual({ code: 4_502, reason: "unexpected-answer: not a number" });
  expect(await socket.next()).toEqual({ done: true, value: undefined });
});

it("ends with its caller's signal, whose reason everything throws", async () => {
  const { wire, socket, caller } = held();
  const reading = socket.next();
  const sending = socket.send(1);
  const reason = new Error("page was left");
  const all = Promise.allSettled([reading, sending]);
  caller.abort(reason);
  expect(await all).toEqual([
    { status: "rejected", reason },
    { status: "rejected", reason },
  ]);
  expect(await wire.ended).toEqual(over);
  await expect(socket.send(2)).rejects.toBe(reason);
});

it("goes on past the deadline of the call, and lets go of its signal when it has ended", async () => {
  const { wire, socket, caller, clock } = held();
  await clock.advance(60_000);
  wire.say("1");
  expect(await socket.next()).toEqual({ done: false, value: 1 });
  wire.end(over);
  await settled();
  caller.abort(new Error("page was left"));
  expect(await socket.next()).toEqual({ done: true, value: undefined });
});
