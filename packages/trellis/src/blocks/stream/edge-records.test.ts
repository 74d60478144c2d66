import { expect, test } from "vitest";
import { z } from "zod";
import type { MakeEdgeEvent } from "../../model/block.ts";
import { type ErrorCode, TrellisError } from "../../model/errors.ts";
import { CallFailed, failure } from "../../model/failure.ts";
import { testClock } from "../../testing/test-clock.ts";
import { EdgeRecords } from "./edge-records.ts";
import { edgeEventMsMax, edgeEventsAtOnce } from "./limits.ts";
import type { Recorded } from "./port.ts";

const recorded = (number: number): Recorded => ({ key: "follow", body: JSON.stringify({ at: number }) });
const upTo = (count: number): readonly Recorded[] => Array.from({ length: count }, (_, number) => recorded(number));
const never = new Promise<never>(() => undefined);

function opened(make: MakeEdgeEvent) {
  const clock = testClock();
  const write = (event: unknown, trace: string | undefined): Recorded => ({ key: "k", body: String(event), trace });
  return { clock, records: new EdgeRecords({ make, write, clock }) };
}

test("events come in the order of their records, whichever is made first, some at the same moment and no more", async () => {
  let underWay = 0;
  let most = 0;
  const { records } = opened(async (_, { at }) => {
    underWay += 1;
    most = Math.max(most, underWay);
    for (let turns = at % 7; turns >= 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    return at;
  });
  const count = 3 * edgeEventsAtOnce + 5;
  const { records: made, unmade } = await records.make(upTo(count));
  expect(made.map(({ body }) => Number(body))).toEqual(Array.from({ length: count }, (_, number) => number));
  expect(most).toBe(edgeEventsAtOnce);
  expect(unmade.size).toBe(0);
});

test("others are served between one lot and the next", async () => {
  const { records } = opened(async (_, { at }) => at);
  let turns = 0;
  const count = (): void => {
    turns += 1;
    tick = setImmediate(count);
  };
  let tick = setImmediate(count);
  await records.make(upTo(10 * edgeEventsAtOnce));
  clearImmediate(tick);
  expect(turns).toBeGreaterThanOrEqual(9);
});

test("the trace of a record is its event's", async () => {
  const { records } = opened(async () => "event");
  const trace = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
  expect((await records.make([{ ...recorded(1), trace }])).records).toEqual([{ key: "k", body: "event", trace }]);
});

test("what is no event, what breaks and what is no JSON is left out with its reason, and counted", async () => {
  const { records } = opened(async (route, { at }) => {
    if (at === 2) throw new Error("broken");
    if (at === 3) throw new TrellisError("unknown-route", { says: `no ${route}` });
    return at === 1 ? undefined : at;
  });
  const given = [...upTo(6), recorded(2), { key: "follow", body: "{" }];
  const { records: made, unmade } = await records.make(given);
  expect(made.map(({ body }) => body)).toEqual(["0", "4", "5"]);
  expect([...unmade]).toEqual([
    ['the mapping of "follow" gives none', 1],
    ["follow: broken", 2],
    ["follow: no follow", 1],
    [expect.stringMatching(/^follow: .*JSON/), 1],
  ]);
});

test.each<ErrorCode>([
  "unavailable",
  "database-unreachable",
  "statement-timeout",
  "deadline-exceeded",
  "serialization-failure",
])("%s is nobody's fault: all of them are made another time", async (code) => {
  const { records } = opened(async (_, { at }) => {
    if (at === 3) throw new TrellisError(code);
    return at;
  });
  await expect(records.make(upTo(5))).rejects.toMatchObject({ code });
});

test("neither is another service that is away", async () => {
  const away = failure("unavailable", { status: 503, title: "Away", cure: "Wait.", detail: z.object({}) });
  const { records } = opened(async () => {
    throw new CallFailed(away({}), "Away");
  });
  await expect(records.make(upTo(1))).rejects.toBeInstanceOf(CallFailed);
});

test("a mapping that never answers ends after a while, to be tried again", async () => {
  const { clock, records } = opened(() => never);
  const made = records.make(upTo(1));
  const outcome = expect(made).rejects.toMatchObject({ code: "unavailable" });
  await clock.advance(edgeEventMsMax);
  await outcome;
  expect(clock.pending).toBe(0);
});

test("stopped, nothing more is asked of the service, and what was asked is waited for", async () => {
  const first = Promise.withResolvers<number>();
  let asked = 0;
  const { records } = opened((_, { at }) => {
    asked += 1;
    return at === 0 ? first.promise : Promise.resolve(at);
  });
  const made = records.make(upTo(2 * edgeEventsAtOnce));
  const outcome = expect(made).rejects.toMatchObject({ code: "unavailable" });
  let isStopped = false;
  const stopped = records.stop().then(() => {
    isStopped = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isStopped).toBe(false);
  first.resolve(0);
  await stopped;
  await outcome;
  expect(asked).toBe(edgeEventsAtOnce);
  await expect(records.make(upTo(1))).rejects.toMatchObject({ code: "unavailable" });
});
