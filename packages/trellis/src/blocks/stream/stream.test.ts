import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Opening } from "../../model/block.ts";
import type { LogFacts } from "../../model/log.ts";
import type { Batch } from "../../model/service.ts";
import type { Tracing } from "../../model/tracing.ts";
import { silentLog } from "../../testing/silent-log.ts";
import { testOpening } from "../../testing/test-opening.ts";
import { testTransaction } from "../../testing/test-transaction.ts";
import type { BatchHandler, Log, Recorded, SpoolEngine, SpoolWriter, StreamEngine } from "./port.ts";
import { type StreamOptions, stream } from "./stream.ts";

/** Travels as text, is a Date in handlers. */
const Moment = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});
const Click = z.object({ code: z.string(), at: Moment, country: z.string().optional() });
type Click = z.infer<typeof Click>;
const click = (code: string): Click => ({ code, at: new Date(0) });
const Plain = z.object({ code: z.string(), times: z.number().default(1) });

describe("append", () => {
  it("keeps an event as its schema writes it, under its key", async () => {
    const { clicks, appended } = await openClicks();
    await clicks.append(click("a"), { ...click("b"), country: "FR" });
    expect(appended).toEqual([
      { key: "a", body: '{"code":"a","at":"1970-01-01T00:00:00.000Z"}' },
      { key: "b", body: '{"code":"b","at":"1970-01-01T00:00:00.000Z","country":"FR"}' },
    ]);
  });

  it("goes with the transaction that it is given", async () => {
    const { clicks, appended, appendedIn } = await openClicks();
    const { tx } = testTransaction();
    await clicks.in(tx).append(click("a"));
    expect(appended).toEqual([]);
    expect(appendedIn).toEqual([{ tx, key: "a" }]);
  });

  it("refuses an event that does not fit, names the field, and appends none of the call", async () => {
    const { clicks, appended } = await openClicks();
    const broken = { ...click("b"), country: 7 } as unknown as Click;
    await expect(clicks.append(click("a"), broken)).rejects.toMatchObject({
      code: "invalid-input",
      fields: [{ field: "event.country" }],
    });
    expect(appended).toEqual([]);
  });

  it("refuses an event that is too large, and a key that cannot be kept", async () => {
    const { clicks } = await openClicks();
    const large = { ...click("a"), country: "é".repeat(131_072) };
    await expect(clicks.append(large)).rejects.toThrow(/bytes as JSON, of at most 262144/);
    await expect(clicks.append({ ...large, country: "é".repeat(131_000) })).resolves.toBeUndefined();
    await expect(clicks.append(click("k".repeat(1_025)))).rejects.toThrow(/1025 characters/);
    await expect(clicks.append(click("a\0b"))).rejects.toThrow("U+0000");
  });

  it("carries the trace of what caused it", async () => {
    const tracing: Tracing = { on: true, current: () => "00-trace", span: (_facts, run) => run() };
    const { clicks, appended, spooled } = await openClicks({ tracing });
    await clicks.append(click("a"));
    clicks.spool(click("b"));
    expect([...appended, ...spooled].map(({ trace }) => trace)).toEqual(["00-trace", "00-trace"]);
  });
});

describe("spool", () => {
  it("writes what is declared and nothing else, in production too", async () => {
    for (const mode of ["production", "test"] as const) {
      const { clicks, spooled } = await openPlain({ mode });
      clicks.spool({ code: "a", times: 2, ip: "192.0.2.1" } as { code: string; times: number });
      expect(spooled).toEqual([{ key: "a", body: '{"code":"a","times":2}' }]);
    }
  });

  it("throws in tests and development where an event does not fit", async () => {
    const { clicks, spooled } = await openPlain({ mode: "test" });
    expect(() => clicks.spool({ times: 2 } as never)).toThrow(expect.objectContaining({ code: "invalid-input" }));
    expect(spooled).toEqual([]);
  });

  it("never throws in production: what cannot be kept is counted as unlogged, and logged", async () => {
    const says: string[] = [];
    const log = { ...silentLog, error: (text: string, _facts?: LogFacts) => void says.push(text) };
    const { clicks, spooled, lost } = await openPlain({ mode: "production", log });
    clicks.spool({ times: 2 } as never);
    clicks.spool({ code: "x".repeat(300_000), times: 1 });
    clicks.spool(null as never);
    expect(spooled).toEqual([]);
    expect(lost()).toBe(3);
    expect(says).toHaveLength(3);
  });
});

describe("a consumer", () => {
  it("is given events as their schema reads them", async () => {
    const { consume } = await openClicks();
    const { events, aside } = await consume(['{"code":"a","at":"1970-01-01T00:00:00.000Z"}']);
    expect(events).toEqual([click("a")]);
    expect(aside).toEqual([]);
  });

  it("is not given what does not fit: that is set aside with the reason", async () => {
    const { consume } = await openClicks();
    const { events, aside } = await consume(['{"code":1}', '{"code":"a","at":"1970-01-01T00:00:00.000Z"}']);
    expect(events).toEqual([click("a")]);
    expect(aside).toEqual([expect.stringMatching(/^event\.code: .*; event\.at: /)]);
    expect(await consume(['{"code":1}'])).toMatchObject({ events: undefined, aside: [expect.any(String)] });
  });

  it("is given older events in today's shape by `upcast`; what still does not fit is set aside", async () => {
    const upcast = (old: unknown) => {
      const { link, at } = old as { link: string; at: number };
      return { code: link, at: new Date(at).toISOString() };
    };
    const { consume } = await openClicks({ options: { upcast } });
    const { events, aside } = await consume([
      '{"link":"old","at":0}',
      '{"code":"a","at":"1970-01-01T00:00:00.000Z"}',
      '{"at":0}',
      '{"link":"bad"}',
    ]);
    expect(events).toEqual([click("old"), click("a")]);
    expect(aside).toEqual([expect.stringContaining("event.code"), expect.stringContaining("upcast failed")]);
  });
});

describe("account", () => {
  it("brings this instance's own count up to date first", async () => {
    const { clicks, order } = await openClicks();
    await clicks.account();
    expect(order).toEqual(["report", "account of shop"]);
  });
});

describe("a declaration", () => {
  it("prints its limits", () => {
    const { limits } = stream(Click, { key: ({ code }) => code, keepFor: "2d", batch: 50 });
    expect(Object.fromEntries(limits.map(({ name, value }) => [name, value]))).toEqual({
      "events kept": 2 * 86_400_000,
      partitions: 4,
      "events in a batch": 50,
      "retries of a batch": 5,
    });
  });

  it.each([
    ["partitions", { partitions: 0 }],
    ["partitions", { partitions: 1.5 }],
    ["batch", { batch: 10_001 }],
    ["retries", { retries: -1 }],
    ["keepFor", { keepFor: "0s" }],
  ] as const)("refuses %s that make no sense", (option, options) => {
    const declare = () => stream(Click, { key: ({ code }) => code, ...options });
    expect(declare).toThrow(expect.objectContaining({ code: "invalid-app", message: expect.stringContaining(option) }));
  });

  it("refuses events that have no form in JSON when it is opened", async () => {
    const block = stream(z.object({ at: z.date() }), { key: () => "k" });
    await expect(block.open(openingOn(fakeEngines()))).rejects.toMatchObject({ code: "invalid-app" });
  });
});

interface Given extends Partial<Pick<Opening, "mode" | "log" | "tracing">> {
  readonly options?: Partial<StreamOptions<Click>>;
}

async function openClicks({ options, ...given }: Given = {}) {
  const engines = fakeEngines();
  const opened = await stream(Click, { key: ({ code }) => code, ...options }).open(openingOn(engines, given));
  return {
    ...engines,
    clicks: opened.handle,
    consume: (bodies: readonly string[]) => consume(opened, engines, bodies),
  };
}

async function openPlain(given: Given) {
  const engines = fakeEngines();
  const { handle } = await stream(Plain, { key: ({ code }) => code }).open(openingOn(engines, given));
  return { ...engines, clicks: handle };
}

type FakeEngines = ReturnType<typeof fakeEngines>;

function openingOn({ streams, spools }: FakeEngines, given: Partial<Opening> = {}): Opening {
  return testOpening({ service: "shop", name: "clicks", engines: { stream: streams, spool: spools }, ...given });
}

/** Hands one batch to the handler. `events`: undefined where it was not called. */
async function consume(
  { serve }: { serve?(handler: (given: never) => Promise<unknown>): unknown },
  engines: FakeEngines,
  bodies: readonly string[],
) {
  let events: readonly Click[] | undefined;
  serve?.(async (batch: Batch<Click>) => {
    events = batch.events;
  });
  const aside: string[] = [];
  const setAside = (_index: number, reason: string) => void aside.push(reason);
  const { signal } = new AbortController();
  await engines.handler()?.({ partition: 0, first: 0n, bodies, tx: testTransaction().tx, signal, setAside });
  return { events, aside };
}

function fakeEngines() {
  const appended: Recorded[] = [];
  const appendedIn: { tx: unknown; key: string }[] = [];
  const spooled: Recorded[] = [];
  const order: string[] = [];
  let lost = 0;
  let handler: BatchHandler | undefined;
  const log: Pick<Log, "append" | "appendIn" | "account" | "consume"> = {
    append: async (records) => void appended.push(...records),
    appendIn: async (tx, records) => void appendedIn.push(...records.map(({ key }) => ({ tx, key }))),
    account: async (group) => {
      order.push(`account of ${group}`);
      return { spooled: 0, inSpools: 0, forwarded: 0, unlogged: 0, lag: 0, setAside: 0 };
    },
    consume: (_settings, given) => {
      handler = given;
      return { stop: async () => undefined };
    },
  };
  const writer: SpoolWriter = {
    write: (record) => void spooled.push(record),
    lose: () => {
      lost += 1;
    },
    report: async () => void order.push("report"),
    takeEdgeRecords: () => {
      throw new Error("Nothing of the edge here: see edge-records.test.ts");
    },
  };
  const streams: Pick<StreamEngine, "open"> = { open: async () => log as Log };
  const spools: Pick<SpoolEngine, "open"> = { open: () => writer };
  return { appended, appendedIn, spooled, order, streams, spools, lost: () => lost, handler: () => handler };
}
