import { describe, expect, it } from "vitest";
import { z } from "zod";
import { anyone } from "../../../model/actor.ts";
import { contract } from "../../../model/contract.ts";
import { failure } from "../../../model/failure.ts";
import { created } from "../../../model/reply.ts";
import { get, post } from "../../../model/route.ts";
import { service } from "../../../model/service.ts";
import { openTransaction, type Transaction } from "../../../model/transaction.ts";
import { silentLog } from "../../../testing/silent-log.ts";
import { testClock } from "../../../testing/test-clock.ts";
import { testRandom } from "../../../testing/test-random.ts";
import type { Idempotency, OnceAsk, WireAnswer } from "../port.ts";
import { openHttp } from "../server/server.ts";

const Paid = z.object({
  id: z.string(),
  at: z.codec(z.iso.datetime(), z.date(), { decode: (x) => new Date(x), encode: (x) => x.toISOString() }),
});
const Broke = failure("broke", { status: 402, title: "No money", cure: "Earn some.", detail: z.object({}) });
const tillContract = contract("till", {
  pay: post("/pay/:id", { body: z.object({ sum: z.number() }), returns: created(Paid), fails: [Broke], allow: anyone }),
  read: get("/pay/:id", { returns: z.object({ id: z.string() }), allow: anyone }),
});
const tx: Transaction = openTransaction({ query: async () => [], defer: async () => {}, afterCommit: () => {} });

/** Keeps what it is asked and told, and gives kept answers again. */
class Memory implements Idempotency {
  readonly asks: OnceAsk[] = [];
  readonly kept: { tx: Transaction; answer: WireAnswer }[] = [];
  readonly #answers = new Map<string, WireAnswer>();

  async run(ask: OnceAsk, work: (keep: (tx: Transaction, answer: WireAnswer) => Promise<void>) => Promise<WireAnswer>) {
    this.asks.push(ask);
    const before = this.#answers.get(ask.key);
    if (before) return before;
    const answer = await work(async (tx, answer) => void this.kept.push({ tx, answer }));
    this.#answers.set(ask.key, answer);
    return answer;
  }
}

function openTill(idempotency?: Idempotency) {
  let payments = 0;
  const till = service(tillContract, {
    uses: {},
    routes: {
      pay: async ({ params, body, once }) => {
        if (body.sum > 100) return Broke({});
        payments += 1;
        return once(tx, { id: `${params.id}-${payments}`, at: new Date(0), secret: "x" });
      },
      read: ({ params }) => ({ id: params.id }),
    },
  });
  const http = openHttp({
    services: [{ service: till, handles: {} }],
    settings: {
      bodyBytesMax: 1_024,
      headersBytesMax: 1_024,
      requestTimeoutMs: 1_000,
      drainTimeoutMs: 1_000,
      logRequests: "no",
    },
    mode: "production",
    clock: testClock(),
    random: testRandom(),
    log: silentLog,
    secret: "",
    ...(idempotency ? { idempotency } : {}),
  });
  const pay = (key: string | undefined, sum = 1): Promise<WireAnswer> =>
    http.dispatch({
      service: "till",
      route: "pay",
      method: "POST",
      params: { id: "p" },
      query: {},
      headers: key === undefined ? {} : { "idempotency-key": key },
      body: JSON.stringify({ sum }),
    });
  return { pay, http };
}

describe("an idempotency key", () => {
  it("gives a retry the first answer, and runs the handler once", async () => {
    const { pay } = openTill(new Memory());
    const [first, second] = [await pay("k"), await pay("k")];
    expect(first).toMatchObject({ status: 201, body: '{"id":"p-1","at":"1970-01-01T00:00:00.000Z"}' });
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect((await pay("other")).body).toContain("p-2");
  });

  it("keeps the very answer that leaves, in the handler's transaction", async () => {
    const memory = new Memory();
    const answer = await openTill(memory).pay("k");
    expect(memory.kept).toHaveLength(1);
    expect(memory.kept[0]?.tx).toBe(tx);
    expect(memory.kept[0]?.answer).toMatchObject({ status: 201, body: answer.body });
  });

  it("stands for one request: another body or parameter has another hash", async () => {
    const memory = new Memory();
    const { pay } = openTill(memory);
    await pay("a", 1);
    await pay("b", 1);
    await pay("c", 2);
    const [one, same, other] = memory.asks.map(({ requestHash }) => requestHash);
    expect(one).toBe(same);
    expect(one).not.toBe(other);
    expect(memory.asks[0]).toMatchObject({ service: "till", route: "pay", key: "a", actorId: "" });
  });

  it("also keeps declared failures, but is not asked for reads, wrong input or wrong keys", async () => {
    const memory = new Memory();
    const { pay, http } = openTill(memory);
    expect(await pay("k", 101)).toMatchObject({ status: 402 });
    expect(memory.asks).toHaveLength(1);
    expect(await pay("k", "text" as never)).toMatchObject({ status: 422 });
    expect(await pay("x".repeat(256))).toMatchObject({ status: 422 });
    const read = {
      service: "till",
      route: "read",
      method: "GET",
      params: { id: "1" },
      query: {},
      headers: { "idempotency-key": "k" },
    };
    expect(await http.dispatch(read)).toMatchObject({ status: 200 });
    expect(memory.asks).toHaveLength(1);
  });

  it("is not needed: once() then keeps nothing", async () => {
    const memory = new Memory();
    expect(await openTill(memory).pay(undefined)).toMatchObject({ status: 201 });
    expect(memory.kept).toEqual([]);
    expect(await openTill().pay("k")).toMatchObject({ status: 201 });
  });
});

describe("a service that cannot work is refused before any request", () => {
  const open = (route: ReturnType<typeof get>): unknown =>
    openHttp({
      services: [
        {
          service: service(contract("odd", { route }), { uses: {}, routes: { route: () => ({}) as never } }),
          handles: {},
        },
      ],
      settings: { bodyBytesMax: 1, headersBytesMax: 1, requestTimeoutMs: 1, drainTimeoutMs: 1, logRequests: "no" },
      mode: "production",
      clock: testClock(),
      random: testRandom(),
      log: silentLog,
      secret: "",
    });

  it.each([
    [
      "a date without a codec in the answer",
      get("/", { returns: z.object({ at: z.date() }) }),
      /odd\.route: the answer has no form/,
    ],
    [
      "a date without a codec in the body",
      post("/", { body: z.object({ at: z.date() }), returns: z.object({}) }),
      /odd\.route: the body cannot travel/,
    ],
    [
      "an answer for one person at the edge",
      get("/", { returns: z.object({}), edge: { maxAge: "1m" } }),
      /may be kept by the edge/,
    ],
  ])("for %s", (_, route, says) => {
    expect(() => open(route)).toThrow(says);
  });
});
