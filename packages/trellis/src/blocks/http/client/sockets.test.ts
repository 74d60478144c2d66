import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TrellisError } from "../../../model/errors.ts";
import { settled } from "../../../testing/test-clock.ts";
import { type OpenShop, openShop, shopContract } from "../endpoint/shop.contract.ts";
import { header, type Transport } from "../port.ts";
import { httpTransport } from "./http-transport.ts";
import { makeClient } from "./make-client.ts";

const over = (shop: OpenShop): Transport => httpTransport(shopContract, { url: shop.url, clock: shop.clock });
const ways = [
  ["in process", "by HTTP", (shop: OpenShop) => shop.http.dispatch],
  ["over HTTP", "by HTTP", over],
  ["through a gateway", "by frames", over],
] as const;
const den = { params: { room: "den" } };
const said = (text: string) => ({ text, at: new Date(0) });

describe.each(ways)("a socket %s", (_, wayIn, transport) => {
  let shop: OpenShop;
  beforeEach(async () => {
    shop = await openShop({}, wayIn);
  });
  afterEach(() => shop.close());

  const callerOf = (headers: Readonly<Record<string, string>> = {}) =>
    makeClient(shopContract, {
      transport: transport(shop),
      clock: shop.clock,
      passOn: () => ({ headers: { [header.from]: "another", ...headers } }),
    });

  it("gives the answer to each message, in order, with defaults filled in and dates that are dates", async () => {
    const chat = await callerOf().chat(den);
    await chat.send({ text: "one" });
    await chat.send({ text: "two", loud: true });
    expect(await chat.next()).toEqual({ done: false, value: said("one") });
    expect(await chat.next()).toEqual({ done: false, value: said("TWO") });
    chat.close();
    await expect.poll(() => shop.http.stats().inFlight).toBe(0);
  });

  it("ends with a message that is larger than the route takes", async () => {
    const chat = await callerOf().chat(den);
    const sending = chat.send({ text: "x".repeat(1_100) });
    await expect(Promise.all([sending, chat.next()])).rejects.toMatchObject({ code: "body-too-large" });
    await expect.poll(() => shop.http.stats().inFlight).toBe(0);
  });

  it("keeps the order of messages that are sent without waiting", async () => {
    const chat = await callerOf().chat(den);
    const texts = Array.from({ length: 40 }, (_, n) => String(n));
    const sending = Promise.all(texts.map((text) => chat.send({ text })));
    const heard: string[] = [];
    for await (const { text } of chat) {
      heard.push(text);
      if (heard.length === texts.length) break;
    }
    await sending;
    expect(heard).toEqual(texts);
  });

  it("ends the loop where the handler has no more to say", async () => {
    shop.state.chat = () => ({
      receive: () => undefined,
      send: (async function* () {
        yield said("hello");
        yield said("bye");
      })(),
    });
    const heard: string[] = [];
    const chat = await callerOf().chat(den);
    for await (const { text } of chat) heard.push(text);
    expect(heard).toEqual(["hello", "bye"]);
    await expect(chat.send({ text: "late" })).rejects.toMatchObject({ message: "The socket is closed" });
  });

  it("knows who calls, as for any route", async () => {
    const diary = await callerOf({ authorization: "ada" }).diary();
    await diary.send({ text: "dear" });
    expect((await diary.next()).value).toEqual({ text: "ada: dear", loud: false });
    diary.close();
    await expect(callerOf().diary()).rejects.toMatchObject({ name: "TrellisError", code: "unauthenticated" });
  });

  it("gives a declared failure as a value and throws the platform's refusals", async () => {
    const { chat } = callerOf();
    expect(await chat.try({ params: { room: "full" } })).toEqual({
      ok: false,
      failure: { code: "sold-out", detail: { nextDelivery: new Date(0) }, failed: true },
    });
    await expect(chat({ params: { room: "a very long name" } })).rejects.toMatchObject({
      code: "invalid-input",
      fields: [{ field: "params.room" }],
    });
  });

  it("throws what is wrong with a message", async () => {
    const chat = await callerOf().chat(den);
    // In process the service has it as soon as it is sent.
    await chat.send({ text: "" }).catch(() => undefined);
    await expect(chat.next()).rejects.toMatchObject({ code: "invalid-input" });
    await expect(chat.send({ text: "late" })).rejects.toMatchObject({ code: "invalid-input" });
  });

  it("throws what the handler throws, and tells nobody of its secrets", async () => {
    shop.state.chat = () => ({
      receive: ({ text }) => {
        throw text === "known" ? new TrellisError("statement-timeout") : new Error("secret detail");
      },
    });
    for (const [text, message] of [
      ["known", "statement"],
      ["unknown", "secret"],
    ] as const) {
      const chat = await callerOf().chat(den);
      await chat.send({ text }).catch(() => undefined);
      const error: unknown = await chat.next().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(TrellisError);
      if (text === "unknown") expect(String(error)).not.toContain(message);
      else expect(error).toMatchObject({ code: "statement-timeout" });
    }
  });

  it("tells the handler when its caller gives up, or leaves the loop", async () => {
    const signals: AbortSignal[] = [];
    let returned = 0;
    shop.state.chat = (_, { signal }) => {
      signals.push(signal);
      return {
        receive: () => undefined,
        send: (async function* () {
          try {
            // Without ever waiting.
            for (;;) yield said("tick");
          } finally {
            returned += 1;
          }
        })(),
      };
    };
    for await (const { text } of await callerOf().chat(den)) {
      expect(text).toBe("tick");
      break;
    }
    await expect.poll(() => returned).toBe(1);
    const controller = new AbortController();
    const chat = await callerOf().chat(den, { signal: controller.signal });
    await chat.next();
    const reason = new Error("page was left");
    controller.abort(reason);
    await expect(chat.send({ text: "late" })).rejects.toBe(reason);
    await expect.poll(() => returned).toBe(2);
    await expect.poll(() => signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    await expect.poll(() => shop.http.stats().inFlight).toBe(0);
  });

  it("is left alone by the deadline of its call", async () => {
    const chat = await callerOf().chat(den, { timeoutMs: 50 });
    await shop.clock.advance(60);
    await settled();
    await chat.send({ text: "still there" });
    expect((await chat.next()).value).toEqual(said("still there"));
    chat.close();
  });

  it("says that the instance is ending, after the answer to what it works on", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: free, resolve: finish } = Promise.withResolvers<void>();
    shop.state.chat = () => ({
      receive: async ({ text }) => {
        begin();
        await free;
        return said(text);
      },
    });
    const chat = await callerOf().chat(den);
    const sending = chat.send({ text: "one" });
    await begun;
    const drained = shop.http.drain();
    finish();
    expect((await chat.next()).value).toEqual(said("one"));
    await expect(chat.next()).rejects.toMatchObject({ code: "unavailable", message: "This instance is ending" });
    await sending;
    expect(await drained).toBe(0);
  });
});
