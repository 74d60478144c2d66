import { describe, expect, test } from "vitest";
import { edgeEventHeader } from "../../../model/edge-event.ts";
import { formatHttpDate } from "../../../policies/http-cache/http-date.ts";
import { settled } from "../../../testing/test-clock.ts";
import { type AskOptions, EventsWorld, planned } from "./events-world.contract.ts";

const kept = ["cdn-cache-control", "max-age=60, stale-while-revalidate=60, stale-if-error=600", ...planned];
const etag = ["etag", '"1"'];
const asking = (...headers: readonly string[]): AskOptions => ({ headers });

/** One world in which `/a` is kept. */
async function filled(headers: readonly string[] = kept, status = 302, body = ""): Promise<EventsWorld> {
  const world = await EventsWorld.open();
  world.ask();
  world.reply(status, [...headers, "location", "https://there.example"], body);
  await settled();
  return world;
}

/** Method and status of each record. */
const noted = (world: EventsWorld) => world.records.map(({ event }) => `${event?.method} ${event?.status}`);

describe("one event for each answer that no instance was asked for", () => {
  test.each<[string, AskOptions, string]>([
    ["a hit", {}, "GET 302"],
    ["HEAD", { method: "HEAD" }, "HEAD 302"],
    ["a hit that takes an older one", asking("cache-control", "max-stale"), "GET 302"],
    ["only if it is kept", asking("cache-control", "only-if-cached"), "GET 302"],
  ])("%s", async (_, asked, expected) => {
    const world = await filled();
    const answer = world.ask(asked);
    await answer.over;
    expect(noted(world)).toEqual([expected]);
    expect([answer.status, answer.keptBefore, world.asks.length]).toEqual([302, 1, 0]);
  });

  test.each<[string, AskOptions, number, string]>([
    ["304 by its tag", asking("if-none-match", '"1"'), 304, "GET 304"],
    ["304 to HEAD", { method: "HEAD", headers: ["if-none-match", '"1"'] }, 304, "HEAD 304"],
    ["a tag of something else", asking("if-none-match", '"2"'), 200, "GET 200"],
    ["a part", asking("range", "bytes=1-2"), 206, "GET 206"],
    ["a part that is none", asking("range", "bytes=9-"), 416, "GET 416"],
  ])("%s", async (_, asked, status, expected) => {
    const world = await filled([...kept, ...etag], 200, "abcd");
    const answer = world.ask(asked);
    await answer.over;
    expect([answer.status, answer.keptBefore, noted(world)]).toEqual([status, 1, [expected]]);
    expect(world.asks).toEqual([]);
  });

  test("a stale one while its successor is fetched, for which the instance is told that nobody gets it", async () => {
    const world = await filled();
    await world.clock.advance(70_000);
    const answers = [world.ask(), world.ask()];
    await Promise.all(answers.map(({ over }) => over));
    expect(noted(world)).toEqual(["GET 302", "GET 302"]);
    expect(world.asks).toHaveLength(1);
    expect(world.reply(302, kept).facts.refreshes).toBe(true);
    await settled();
    expect(world.records).toHaveLength(2);
    expect(answers[0]?.headers).toContain("cache-status");
  });

  test("those who came to wait for that successor, too: nobody has asked for them", async () => {
    const world = await filled();
    await world.clock.advance(70_000);
    await world.ask().over;
    await world.clock.advance(60_000);
    const late = [world.ask(), world.ask()];
    world.reply(302, kept);
    await Promise.all(late.map(({ over }) => over));
    expect([noted(world).length, late.map(({ keptBefore }) => keptBefore)]).toEqual([3, [3, 3]]);
  });

  test.each<[string, (world: EventsWorld) => void]>([
    ["cannot be reached", (world) => world.fail()],
    ["answers 503", (world) => void world.reply(503)],
  ])("a stale one where the instance %s, for everyone who waited", async (_, fails) => {
    const world = await filled();
    await world.clock.advance(200_000);
    const answers = [world.ask(), world.ask(), world.ask()];
    expect(world.asks).toHaveLength(1);
    fails(world);
    await Promise.all(answers.map(({ over }) => over));
    expect(answers.map(({ status, keptBefore }) => [status, keptBefore])).toEqual([
      [302, 3],
      [302, 3],
      [302, 3],
    ]);
    expect(noted(world)).toEqual(["GET 302", "GET 302", "GET 302"]);
  });

  test("each of those who wait for the answer to another's request, and not that one", async () => {
    const world = await EventsWorld.open();
    const answers = [world.ask(), world.ask(), world.ask()];
    expect(world.asks).toHaveLength(1);
    expect(world.reply(200, kept, "abc").facts.refreshes).toBeFalsy();
    await Promise.all(answers.map(({ over }) => over));
    expect(answers.map(({ text }) => text)).toEqual(["abc", "abc", "abc"]);
    expect(noted(world)).toEqual(["GET 200", "GET 200"]);
    expect(answers.map(({ keptBefore }) => keptBefore)).toEqual([2, 2, 2]);
  });

  test("with the status that each is given, where one of them has it already", async () => {
    const world = await filled([...kept, ...etag], 200, "old");
    await world.clock.advance(200_000);
    const known = asking("if-none-match", '"2"');
    const answers = [world.ask(), world.ask(), world.ask(known)];
    world.reply(200, [...kept, "etag", '"2"'], "new");
    await Promise.all(answers.map(({ over }) => over));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 304]);
    expect(noted(world)).toEqual(["GET 200", "GET 304"]);
  });

  test("each of those who wait for an answer that comes in pieces, also who comes in the middle of it", async () => {
    const world = await EventsWorld.open();
    const [first, second] = [world.ask(), world.ask()];
    const origin = world.take();
    origin.head(200, kept);
    expect([world.records.length, second.keptBefore]).toEqual([1, 1]);
    origin.data(Buffer.from("ab"));
    const third = world.ask();
    expect([world.records.length, third.keptBefore]).toEqual([2, 2]);
    origin.end();
    expect([first.text, second.text, third.text]).toEqual(["ab", "ab", "ab"]);
    await settled();
    expect(noted(world)).toEqual(["GET 200", "GET 200"]);
  });

  test("those who wait while another's answer is found to hold still", async () => {
    const modified = ["last-modified", formatHttpDate(0)];
    const world = await filled([...kept, ...modified], 200, "abcd");
    await world.clock.advance(200_000);
    const answers = [world.ask(), world.ask(), world.ask()];
    const asked = world.reply(304, [...modified, "cdn-cache-control", "max-age=60"]);
    expect(asked.headers).toContain("if-modified-since");
    await Promise.all(answers.map(({ over }) => over));
    expect(answers.map(({ text }) => text)).toEqual(["abcd", "abcd", "abcd"]);
    expect(noted(world)).toEqual(["GET 200", "GET 200"]);
    // And it is an event still.
    await world.ask().over;
    expect(noted(world)).toHaveLength(3);
  });
});

describe("no event of the edge", () => {
  test.each<[string, AskOptions]>([
    ["for what it asks an instance for", {}],
    ["for HEAD that an instance answers", { method: "HEAD" }],
    ["for what it may not answer", asking("authorization", "Bearer x")],
    ["for what only an instance can judge", asking("if-match", '"1"')],
    ["for another method", { method: "POST" }],
  ])("%s", async (_, asked) => {
    const world = await EventsWorld.open();
    const answer = world.ask(asked);
    expect(world.reply(302, kept).facts.refreshes).toBeFalsy();
    await answer.over;
    await settled();
    expect([answer.status, world.records]).toEqual([302, []]);
    expect(answer.headers).not.toContain(edgeEventHeader);
  });

  test("where it is to answer only what is kept, and nothing is", async () => {
    const world = await EventsWorld.open();
    const answer = await world.ask(asking("cache-control", "only-if-cached")).over;
    expect([answer.status, world.records]).toEqual([504, []]);
  });

  test("for answers of which the instance says nothing, or nothing that is a plan", async () => {
    for (const said of [[], [edgeEventHeader, "clicks"], [edgeEventHeader, ""]]) {
      const world = await filled(["cdn-cache-control", "max-age=60", ...said]);
      const answer = await world.ask().over;
      expect([answer.status, world.records, answer.headers.includes(edgeEventHeader)]).toEqual([302, [], false]);
    }
  });

  test("for those whose own request goes on to an instance, since the answer that they waited for is not for them", async () => {
    const world = await EventsWorld.open();
    const answers = [world.ask(), world.ask(), world.ask()];
    world.reply(302, ["cache-control", "no-store", ...planned]);
    expect(world.asks).toHaveLength(2);
    world.reply(302, planned);
    world.reply(302, planned);
    await Promise.all(answers.map(({ over }) => over));
    await settled();
    expect(world.records).toEqual([]);
  });

  test("after a purge, before which it was an event", async () => {
    const world = await filled();
    await world.ask().over;
    world.edge.purge({ all: true });
    const asked = world.ask();
    world.edge.purge({ all: true });
    // Nobody may wait for what was asked for before a purge.
    const after = world.ask();
    expect(world.asks).toHaveLength(2);
    world.reply(302, kept);
    world.reply(302, kept);
    await Promise.all([asked.over, after.over]);
    await settled();
    expect(world.records).toHaveLength(1);
  });

  test("where an instance is asked twice for one answer it is told the second time that the first one counts", async () => {
    const world = await filled([...kept, ...etag], 200, "old");
    await world.clock.advance(200_000);
    const [first, second] = [world.ask(), world.ask()];
    // It is about another answer than the one that was asked about.
    world.reply(304, ["etag", '"9"']);
    expect(world.asks.map(({ request }) => request.facts.refreshes ?? false)).toEqual([true, false]);
    world.reply(200, kept, "new");
    world.reply(200, kept, "new");
    await Promise.all([first.over, second.over]);
    await settled();
    expect([first.text, second.text, world.records]).toEqual(["new", "new", []]);
  });
});
