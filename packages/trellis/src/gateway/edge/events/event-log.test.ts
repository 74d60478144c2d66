import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { canMount, smallDisk } from "../../../../../../tests/helpers/small-disk.ts";
import { ClientFacts } from "../../../policies/client-facts/client-facts.ts";
import { Salts } from "../../../policies/client-facts/salts.ts";
import { readBlock } from "../../../spool/block.ts";
import { writeAgainMs } from "../../../spool/limits.ts";
import { SegmentWriter } from "../../../spool/segment-writer.ts";
import { SpoolFolder } from "../../../spool/spool-folder.ts";
import { silentLog, testClock } from "../../../testing/index.ts";
import { settled } from "../../../testing/test-clock.ts";
import { EventsWorld, planned, testData } from "./events-world.contract.ts";
import { GatewayClientFacts } from "./gateway-client-facts.ts";
import { headerCharactersMax, leftMax, letGoEveryMs, letGoLatestMs, syncEveryMs } from "./limits.ts";

/** For what the disk does. */
const patienceMs = 4_000;

/** A world in which `/a` is kept. */
async function filled(options?: Parameters<typeof EventsWorld.open>[0]): Promise<EventsWorld> {
  const world = await EventsWorld.open(options);
  world.ask();
  world.reply(302, ["cdn-cache-control", "max-age=86400", ...planned], "");
  // What is known of clients is read meanwhile.
  await settled();
  return world;
}

const folders = (world: EventsWorld) => [...new Set(world.records.map(({ folder }) => folder))];
const positions = (world: EventsWorld) => world.records.map(({ position }) => position);
const take = (world: EventsWorld, folder: string) => SpoolFolder.take(join(world.data, "spool"), folder);

/** As an instance does that has brought everything into the stream. */
async function bring(world: EventsWorld): Promise<void> {
  for (const folder of folders(world)) {
    // It is let go of when the disk has it.
    const taken = await vi.waitFor(() => take(world, folder) ?? Promise.reject(new Error(`${folder} is held`)));
    rmSync(join(world.data, "spool", folder), { recursive: true });
    taken.release();
  }
}

describe("what lies on the disk", () => {
  test("is what the contract names, and nothing that tells whose it is", async () => {
    const world = await filled();
    const headers = ["host", "shop", "user-agent", "Firefox", "referer", 'https://news.example/ü?"', "cookie", "s=1"];
    const salts = new Salts({ saltOf: async () => new Uint8Array(32).fill(7) });
    await salts.prepare(world.clock.now());
    const { visitor } = new ClientFacts({ of: () => "" }, salts).of("203.0.113.9", "Firefox", world.clock.now());
    expect(visitor).toBeDefined();
    await vi.waitFor(async () => {
      await world.ask({ path: "/a", headers: [...headers, "x-forwarded-for", "203.0.113.9"] }).over;
      expect(world.records.at(-1)?.event?.visitor).toBe(visitor);
    }, patienceMs);
    expect(world.records.at(-1)).toMatchObject({ stream: "shop.clicks.edge", route: "follow" });
    expect(world.records.at(-1)?.event).toEqual({
      method: "GET",
      target: "/a",
      at: world.clock.now(),
      status: 302,
      headers: { referer: 'https://news.example/ü?"', "user-agent": "Firefox" },
      country: expect.stringMatching(/^([A-Z]{2})?$/),
      visitor,
    });
    const [folder = ""] = folders(world);
    const part = join(world.data, "spool", folder, "shop.clicks.edge");
    expect(readFileSync(join(part, readdirSync(part)[0] ?? ""), "utf8")).not.toContain("203.0.113.9");
  });

  test("is no address and no key, whatever a contract names", async () => {
    const world = await EventsWorld.open();
    world.ask();
    const names = "x-forwarded-for,forwarded,x-real-ip,via,cookie,authorization,accept";
    world.reply(302, ["cdn-cache-control", "max-age=60", "trellis-edge-event", `shop.clicks follow ${names}`]);
    const headers = names.split(",").flatMap((name) => [name, "203.0.113.9"]);
    await world.ask({ headers: headers.filter((_, at) => headers[at - (at % 2)] !== "authorization") }).over;
    expect(world.records.at(-1)?.event?.headers).toEqual({ accept: "203.0.113.9" });
  });

  test("is a header as it came, a repeated one as a list, and one that is too long as far as it is not", async () => {
    const world = await filled();
    const long = "x".repeat(headerCharactersMax);
    await world.ask({ headers: ["user-agent", `${long}y`, "referer", "a", "referer", "b"] }).over;
    expect(world.records[0]?.event?.headers).toEqual({ "user-agent": long, referer: "a, b" });
  });

  test("knows countries, by the same table as the instances", async () => {
    const clients = new GatewayClientFacts(await testData(testClock()), testClock(), silentLog);
    await clients.open();
    await vi.waitFor(() => expect(clients.facts.countryOf("8.8.8.8")).toBe("US"), 60_000);
    await clients.close();
  }, 60_000);
});

describe("answers", () => {
  test("of one turn leave together, when all their events are written in one piece", async () => {
    const world = await filled();
    const answers = [1, 2, 3].map(() => world.ask());
    expect([world.records.length, answers.map(({ status }) => status)]).toEqual([0, [undefined, undefined, undefined]]);
    await Promise.all(answers.map(({ over }) => over));
    expect(answers.map(({ keptBefore }) => keptBefore)).toEqual([3, 3, 3]);
    const [folder = ""] = folders(world);
    const part = join(world.data, "spool", folder, "shop.clicks.edge");
    const bytes = readFileSync(join(part, "0000000000000000.spool"));
    expect(readBlock(bytes, 0)).toMatchObject({ bytes: bytes.length });
  });

  test("are not given to who has left meanwhile, and count all the same", async () => {
    const world = await filled();
    const [gone, here] = [world.ask(), world.ask()];
    gone.forwarding?.abort();
    await here.over;
    expect([gone.status, here.status, world.records.length]).toEqual([undefined, 302, 2]);
  });

  test("of a turn that has a great many are written before its end, so that they fill no memory", async () => {
    const world = await filled();
    const headers = ["user-agent", "x".repeat(headerCharactersMax)];
    const answers = Array.from({ length: 100 }, () => world.ask({ headers }));
    expect(world.records.length).toBeGreaterThan(50);
    expect(answers[0]?.status).toBeUndefined();
    await Promise.all(answers.map(({ over }) => over));
    expect(world.records).toHaveLength(100);
  });
});

describe("a folder", () => {
  test("is let go of each second, and the next event begins another; none where nothing is written", async () => {
    const world = await filled();
    await world.ask().over;
    const [first = ""] = folders(world);
    expect(first).toMatch(/^edge-gateway-1-[0-9a-f]{18}$/);
    expect(take(world, first)).toBeUndefined();
    await world.clock.advance(letGoEveryMs);
    const taken = await vi.waitUntil(() => take(world, first), patienceMs);
    taken.release();
    await world.clock.advance(10 * letGoEveryMs);
    expect(folders(world)).toEqual([first]);
    await world.ask().over;
    const others = folders(world).filter((folder) => folder !== first);
    expect(others.map((other) => take(world, other))).toEqual([undefined]);
    expect(positions(world)).toEqual([0, 0]);
  });

  test("is made to survive a loss of power within a tenth of a second: its name and its files", async () => {
    const [names, files] = [vi.spyOn(SpoolFolder.prototype, "syncName"), vi.spyOn(SegmentWriter.prototype, "sync")];
    onTestFinished(() => {
      names.mockRestore();
      files.mockRestore();
    });
    const world = await filled();
    await world.ask().over;
    await world.ask().over;
    expect([names.mock.calls.length, files.mock.calls.length]).toEqual([0, 0]);
    await world.clock.advance(syncEveryMs);
    expect([names.mock.calls.length, files.mock.calls.length]).toEqual([1, 1]);
    await world.ask().over;
    await world.clock.advance(syncEveryMs);
    expect([names.mock.calls.length, files.mock.calls.length]).toEqual([1, 2]);
  });

  test("is let go of at the end, so that an instance takes it at once", async () => {
    const world = await filled();
    const last = world.ask();
    await world.events.close();
    expect([last.status, world.records.length]).toEqual([302, 1]);
    const taken = take(world, folders(world)[0] ?? "");
    expect(taken?.parts()).toEqual(["shop.clicks.edge"]);
    taken?.release();
  });

  test("more of them are not left while no instance takes them than a few, and one every half minute", async () => {
    const world = await filled();
    const second = async () => {
      await world.ask().over;
      await world.clock.advance(letGoEveryMs);
    };
    for (let seconds = 0; seconds < letGoLatestMs / letGoEveryMs; seconds++) await second();
    expect(folders(world)).toHaveLength(leftMax + 1);
    expect(world.records).toHaveLength(letGoLatestMs / letGoEveryMs);
    for (let seconds = 0; seconds <= leftMax; seconds++) await second();
    expect(folders(world)).toHaveLength(leftMax + 2);
    await world.clock.advance(letGoLatestMs);
    await bring(world);
    for (let seconds = 0; seconds < 3; seconds++) await second();
    expect(folders(world)).toHaveLength(3);
  });
});

describe("events that cannot be written down", () => {
  test("hold no answer up, are counted, and shift what comes after them", async () => {
    const world = await filled();
    const spool = join(world.data, "spool");
    writeFileSync(spool, "");
    const answers = [world.ask(), world.ask()];
    await Promise.all(answers.map(({ over }) => over));
    expect([answers.map(({ status }) => status), world.events.unlogged]).toEqual([[302, 302], 2]);
    rmSync(spool);
    await world.clock.advance(writeAgainMs);
    await world.ask().over;
    expect([positions(world), world.events.unlogged]).toEqual([[2], 2]);
    expect(world.edge.figures()).toMatchObject({ eventsUnlogged: 2, routes: [{ events: 3 }] });
  });

  test("are told of within a second of there being room, though nothing else is to be written", async () => {
    const world = await filled();
    const spool = join(world.data, "spool");
    writeFileSync(spool, "");
    await Promise.all([world.ask().over, world.ask().over, world.ask().over]);
    await world.clock.advance(3 * letGoEveryMs);
    rmSync(spool);
    await world.clock.advance(letGoEveryMs);
    expect(world.records).toEqual([expect.objectContaining({ position: 2, event: undefined })]);
    await world.clock.advance(10 * letGoEveryMs);
    await world.ask().over;
    expect(positions(world).toSorted()).toEqual([0, 2]);
  });

  /** Of an event of nobody's, which all have the same size. */
  const nobody = { clientAddress: "" };

  async function bytesOfOne(): Promise<number> {
    const world = await filled();
    await world.ask(nobody).over;
    const [folder = ""] = folders(world);
    return statSync(join(world.data, "spool", folder, "shop.clicks.edge/0000000000000000.spool")).size;
  }

  test("since there are too many are told of in their folder, where that little fits", async () => {
    const world = await filled({ bytesMax: 2 * (await bytesOfOne()) - 1 });
    for (let asked = 0; asked < 3; asked++) await world.ask(nobody).over;
    expect([positions(world), world.events.unlogged]).toEqual([[0], 2]);
    await world.clock.advance(letGoEveryMs);
    expect(world.records.map(({ position, event }) => [position, event?.status])).toEqual([
      [0, 302],
      [2, undefined],
    ]);
    expect(folders(world)).toHaveLength(1);
  });

  test("are told of in a later folder, where there is no room for that, either; the log says it once", async () => {
    const lines: string[] = [];
    const told = (line: string) => void lines.push(line);
    const world = await filled({ bytesMax: (await bytesOfOne()) + 1, log: { ...silentLog, info: told, error: told } });
    for (let asked = 0; asked < 3; asked++) await world.ask(nobody).over;
    await world.clock.advance(letGoEveryMs);
    expect(positions(world)).toEqual([0]);
    await bring(world);
    await world.clock.advance(2 * letGoEveryMs);
    // The first of its folder: nothing was there before the two.
    expect(world.records).toEqual([expect.objectContaining({ position: 1, event: undefined })]);
    expect(lines).toEqual([
      "events of the edge cannot be written down: they are counted as unlogged",
      "events of the edge are written down again",
    ]);
  });

  test.skipIf(!canMount)(
    "as the disk is full: answers go on, and later events come after those that were lost",
    async () => {
      const disk = smallDisk(4);
      const data = join(disk.path, "data");
      const world = await filled({ data });
      await world.ask().over;
      disk.fill();
      const headers = ["user-agent", "x".repeat(headerCharactersMax)];
      let given = 1;
      for (; world.events.unlogged === 0; given += 1) await world.ask({ headers }).over;
      const written = given - 1;
      await world.ask({ headers }).over;
      expect(positions(world)).toEqual(Array.from({ length: written }, (_, at) => at));
      disk.free();
      await world.clock.advance(writeAgainMs);
      await world.ask().over;
      expect(positions(world)).toEqual([...Array.from({ length: written }, (_, at) => at), given + 1]);
      expect(world.events.unlogged).toBe(2);
    },
  );
});
