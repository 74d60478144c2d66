import { expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../../model/contract.ts";
import { socket } from "../../../model/reply.ts";
import { get } from "../../../model/route.ts";
import { testClock } from "../../../testing/test-clock.ts";
import { testOpening } from "../../../testing/test-opening.ts";
import type { Caller, CallsEngine, WireAnswer, WireCall } from "../port.ts";
import { calls } from "./calls.ts";

const greeter = contract("greeter", {
  greet: get("/greet/:name", {
    query: z.object({ loud: z.boolean().optional() }),
    returns: z.object({ says: z.string() }),
  }),
});

const clock = testClock();
const nowMs = clock.now();
const caller: Caller = {
  actor: { id: "ada", workspace: "w", scopes: ["*"] },
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: "vendor=1",
  requestId: "r1",
  deadlineMs: nowMs + 700,
  signal: new AbortController().signal,
};

async function greeterFor(present: Caller | undefined, answer: Promise<WireAnswer>, deadline?: "200ms" | "5s") {
  const sent: WireCall[] = [];
  const engine: CallsEngine = {
    transport: () => (call) => {
      sent.push(call);
      return answer;
    },
    caller: () => present,
    sign: ({ actor }, service) => `signed ${actor?.id} for ${service}`,
    watch: () => undefined,
  };
  const opening = testOpening({ clock, random: () => 0.5, engines: { calls: engine } });
  const { handle } = await calls(greeter, deadline ? { deadline } : {}).open(opening);
  return { sent, greeter: handle };
}

const hello = Promise.resolve({ status: 200, headers: {}, body: '{"says":"hello"}' });

it("passes on who is asking, the request's id, a step of its trace and the time that is left", async () => {
  const { greeter, sent } = await greeterFor(caller, hello);
  expect(await greeter.greet({ params: { name: "Zoë/2" }, query: { loud: true } })).toEqual({ says: "hello" });
  expect(sent).toEqual([
    {
      service: "greeter",
      route: "greet",
      method: "GET",
      params: { name: "Zoë/2" },
      query: { loud: "true" },
      headers: {
        accept: "application/json",
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-8000000080000000-01",
        tracestate: "vendor=1",
        "x-request-id": "r1",
        "x-request-timeout-ms": "700",
        "x-trellis-caller": "signed ada for greeter",
        "x-trellis-from": "test",
      },
      signal: expect.any(AbortSignal),
    },
  ]);
});

it.each([
  ["200ms", "200"],
  ["5s", "700"],
] as const)("with a deadline of %s and 700 ms left gives the other side %s ms", async (deadline, left) => {
  const { greeter, sent } = await greeterFor(caller, hello, deadline);
  await greeter.greet({ params: { name: "a" } });
  expect(sent[0]?.headers["x-request-timeout-ms"]).toBe(left);
});

it("says only which service calls outside of a request", async () => {
  const { greeter, sent } = await greeterFor(undefined, hello);
  await greeter.greet({ params: { name: "a" } });
  expect(sent[0]?.headers).toEqual({
    accept: "application/json",
    "x-request-timeout-ms": "30000",
    "x-trellis-from": "test",
  });
});

it("makes no call when the caller has no time left", async () => {
  const { greeter, sent } = await greeterFor({ ...caller, deadlineMs: nowMs }, hello);
  expect(await greeter.greet.try({ params: { name: "a" } })).toMatchObject({ failure: { code: "unavailable" } });
  expect(sent).toEqual([]);
});

it("gives up when the request it serves is given up, and stops the other side", async () => {
  const controller = new AbortController();
  const { greeter, sent } = await greeterFor({ ...caller, signal: controller.signal }, new Promise(() => undefined));
  const tried = greeter.greet.try({ params: { name: "a" } });
  const reason = new Error("gone");
  controller.abort(reason);
  await expect(tried).rejects.toBe(reason);
  expect(sent[0]?.signal?.aborted).toBe(true);
});

it("tells the plan whom it calls and how long at most", () => {
  expect(calls(greeter, { deadline: "2s" })).toMatchObject({
    calls: "greeter",
    needs: ["calls"],
    limits: [
      { name: "call", value: 2_000, unit: "ms" },
      { name: "calls at once in an instance", value: 200 },
      { name: "calls that wait for a place", value: 1_000 },
    ],
  });
});

it("tells the plan what it holds of a socket, where it calls any", () => {
  const talk = contract("talk", {
    talk: get("/talk", { returns: socket({ receives: z.string(), sends: z.string() }) }),
  });
  expect(calls(talk)).toMatchObject({
    limits: [
      {},
      {},
      {},
      { name: "messages of a socket that nobody read", value: 16_777_216, unit: "bytes" },
      { name: "messages on their way out of a socket", value: 1_048_576, unit: "bytes" },
    ],
  });
});

it("refuses a bound that lets no call through", () => {
  expect(() => calls(greeter, { atOnce: 0 })).toThrow(
    expect.objectContaining({ code: "invalid-app", message: expect.stringContaining("greeter") }),
  );
});
