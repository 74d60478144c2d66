import { app, type Transaction } from "trellis";
import { startTestApp, type TestApp } from "trellis/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { links } from "../service.ts";
import type { Click } from "./click.ts";
import { countClicks } from "./count-clicks.ts";
import { hourMs } from "./hours.ts";
import { Sketch } from "./sketch.ts";

type CountBatch = Parameters<typeof countClicks>[0];

const noon = Date.parse("2026-03-01T12:00:00Z");
let running: TestApp;
let link = 1_000_000;

beforeAll(async () => {
  running = await startTestApp(app({ services: [links] }), { instances: 1 });
}, 60_000);
afterAll(() => running?.stop(), 60_000);

beforeEach(async () => {
  link++;
  const id = [link, `link-${link}`];
  await rows(
    "insert into links.link (id, code, workspace, target, created_at) values ($1, $2, 'main', 'https://a.test/', now())",
    id,
  );
  await rows("insert into links.link_total (link_id, workspace) values ($1, 'main')", [link]);
});

function database() {
  const { database } = running.instances[0]?.opened ?? {};
  if (!database) throw new Error("No instance runs");
  return database;
}

function rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
  return database().platform.query<Row>(text, values);
}

const live = { counted: () => undefined } as unknown as Parameters<typeof countClicks>[1]["live"];

async function count(events: readonly Click[], commit = true): Promise<void> {
  const handle = async (tx: Transaction): Promise<void> => {
    await countClicks({ events, tx, random: Math.random } as unknown as CountBatch, { live });
    if (!commit) throw new RangeError("The consumer dies before it commits");
  };
  await database()
    .service("links")
    .transaction(handle)
    .catch((error: unknown) => {
      if (!(error instanceof RangeError)) throw error;
    });
}

function click(more: Partial<Click> = {}): Click {
  return {
    link,
    at: noon,
    series: "humans",
    country: "FR",
    referrer: "",
    device: "desktop",
    browser: "Chrome",
    os: "Linux",
    bot: "",
    crawler: "",
    ...more,
  };
}

const hours = () =>
  rows<{ hour: number; humans: number }>("select hour, humans from links.link_hour where link_id = $1 order by 1", [
    link,
  ]);
const all = async () =>
  (await rows<{ sum: string }>("select sum(humans + bots + previews + heads)::text as sum from links.click_count"))[0]
    ?.sum;

describe("counting", () => {
  test("a batch whose transaction is rolled back counts nothing, and everything when it comes again", async () => {
    const before = Number(await all());
    const events = Array.from({ length: 10 }, (_, place) => click({ visitor: (place << 5) | 1 }));
    await count(events, false);
    expect(await hours()).toEqual([]);
    expect(Number(await all())).toBe(before);
    await count(events);
    expect(await hours()).toMatchObject([{ humans: 10 }]);
    expect(Number(await all())).toBe(before + 10);
  });

  test("clicks in any order, of a clock that was set back or is far ahead, count in their own hours", async () => {
    const times = [noon, noon - 30 * 24 * hourMs, noon + hourMs, noon - 1, 0, Date.parse("2999-01-01T00:00Z")];
    await count(times.map((at) => click({ at })));
    await count(times.toReversed().map((at) => click({ at })));
    const counted = await hours();
    expect(counted.map(({ hour }) => hour)).toEqual(
      [...times].map((at) => Math.floor(at / hourMs)).toSorted((a, b) => a - b),
    );
    expect(counted.every(({ humans }) => humans === 2)).toBe(true);
  });

  test("two hundred thousand clicks of one link are two hundred thousand, in a row for each thing that they share", async () => {
    const batch = Array.from({ length: 10_000 }, (_, place) =>
      click({ country: place % 2 ? "FR" : "DE", visitor: place & 0xffff }),
    );
    for (let turn = 0; turn < 20; turn++) await count(batch);
    expect(await hours()).toMatchObject([{ humans: 200_000 }]);
    const shares = await rows<{ value: string; humans: number }>(
      "select value, humans from links.link_hour_share where link_id = $1 and dimension = 1 order by 1",
      [link],
    );
    expect(shares).toEqual([
      { value: "DE", humans: 100_000 },
      { value: "FR", humans: 100_000 },
    ]);
    const [latest] = await rows<{ clicks: string[] }>("select clicks from links.link_latest where link_id = $1", [
      link,
    ]);
    expect(latest?.clicks).toHaveLength(8);
  }, 60_000);

  test("people who come in several batches and hours are merged, each once", async () => {
    const visitors = Array.from({ length: 300 }, (_, place) => ((place * 7) << 5) | 2);
    await count(visitors.slice(0, 200).map((visitor) => click({ visitor })));
    await count(visitors.slice(100).map((visitor) => click({ visitor })));
    const [row] = await rows<{ sketch: Uint8Array }>("select sketch from links.link_hour_visitors where link_id = $1", [
      link,
    ]);
    const expected = new Sketch();
    for (const visitor of visitors) expected.add(visitor);
    expect(Buffer.from(row?.sketch ?? [])).toEqual(Buffer.from(expected.write()));
  });

  test("names with quotes, backslashes and braces are kept as they are", async () => {
    const names = ['a"b', "a\\b", "{a,b}", "NULL", "", "é☃"];
    await count(names.map((os) => click({ os })));
    const kept = await rows<{ value: string }>(
      "select value from links.link_hour_share where link_id = $1 and dimension = 5",
      [link],
    );
    expect(kept.map(({ value }) => value).toSorted()).toEqual(names.toSorted());
  });

  test("two consumers with links in common in another order both come through", async () => {
    const others = [link - 1, link];
    const batches = Array.from({ length: 8 }, (_, turn) =>
      Array.from({ length: 200 }, (_, place) => click({ link: others[(place + turn) % 2] ?? link })),
    );
    await Promise.all(batches.map((batch) => count(batch)));
    expect(await hours()).toMatchObject([{ humans: 800 }]);
  });
});
