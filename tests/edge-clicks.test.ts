import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { linksContract } from "links/contract";
import { client } from "trellis/contract";
import { expect, test } from "vitest";
import { ClickBook, clickLoad } from "./helpers/click-load.ts";
import { get } from "./helpers/http-load.ts";
import { LinksBooks } from "./helpers/links-books.ts";
import { startLinks } from "./helpers/links-start.ts";

/** So many that each is asked for by everybody in turn: by GET and by HEAD, by people and by robots. */
const codes = Array.from({ length: 19 }, (_, place) => `link-${place}`);
const target = "https://example.com/";

test("what the edge answers is counted once, GET and HEAD, and the books are right whenever they are asked for", async () => {
  const links = await startLinks({ TRELLIS_GATEWAYS: "2" });
  for (const alias of codes) expect((await links.shorten({ target, alias })).status).toBe(201);
  const books = new LinksBooks(links.url, links.ownerKey ?? "");
  const book = new ClickBook();
  const load = clickLoad(links.url, codes, book);
  const writtenDown: string[] = [];
  for (let looks = 0; looks < 30; looks += 1) {
    await load.until(book.answers + 200);
    const before = book.answers;
    const { answered } = await books.reconciliation();
    expect(answered).toBeGreaterThanOrEqual(before);
    expect(answered).toBeLessThanOrEqual(book.asked);
    writtenDown.push(...edgeFiles(String(links.data)));
  }
  await load.stop();
  const { counted, unlogged, series } = await books.agreesWith(book);
  expect({ doubts: book.doubts, unlogged, counted }).toEqual({ doubts: 0, unlogged: 0, counted: book.answers });
  expect(series).toEqual({ ...book.ofSeries, previews: 0 });
  expect(await books.answeredAtTheEdge()).toBeGreaterThan(book.answers * 0.9);
  // What is found there tells of people, and of no address.
  expect(writtenDown.some((text) => text.includes("Mozilla/5.0"))).toBe(true);
  expect(writtenDown.filter((text) => /\b(?:8\.8\.\d+\.8|127\.0\.0\.1)\b/.test(text))).toEqual([]);

  const api = client(linksContract, { url: links.url, key: links.ownerKey ?? "" });
  const params = { code: codes[0] ?? "" };
  const { total } = await api.clicks({ params, query: {} });
  const shareOf = async (by: "country" | "browser" | "referrer", value: string): Promise<number> => {
    const { values } = await api.breakdown({ params, query: { by } });
    return values.find((share) => share.value === value)?.humans ?? 0;
  };
  expect(await shareOf("referrer", "example.org")).toBe(total.humans);
  expect(await shareOf("browser", "Chrome")).toBe(total.humans);
  // The table of countries may not have been there for the first ones.
  expect(await shareOf("country", "US")).toBeGreaterThan(total.humans * 0.5);
  // From as many addresses as `clickLoad` gives to people.
  expect(total.uniques).toBeGreaterThan(140);
  expect(total.uniques).toBeLessThan(160);
});

/** What gateways have written down and no instance has brought in yet. */
function edgeFiles(data: string): readonly string[] {
  const folder = join(data, "spool");
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.edge\/.+\.spool$/.test(name))
      .map((name) => readFileSync(join(folder, name), "utf8"));
  } catch {
    // One was brought in meanwhile.
    return [];
  }
}

test("who changes a link and follows it is led to its new target, though every gateway kept the old one", async () => {
  const links = await startLinks({ TRELLIS_WEB: "1", TRELLIS_GATEWAYS: "2" });
  const api = client(linksContract, { url: links.url, key: links.ownerKey ?? "" });
  const { code } = await api.shorten({ body: { target } });
  const follow = async () => {
    const { status, headers } = await get(`${links.url}/${code}`);
    return { to: headers.location ?? status, isHit: /hit/.test(String(headers["cache-status"])) };
  };
  /** On so many new connections that each gateway has some of them. */
  const everywhere = () => Promise.all(Array.from({ length: 16 }, follow));
  const untilKept = () => expect.poll(async () => (await everywhere()).every(({ isHit }) => isHit)).toBe(true);
  const targetsNow = async () => new Set((await everywhere()).map(({ to }) => to));
  for (let turn = 0; turn < 20; turn += 1) {
    await untilKept();
    const to = `${target}${turn}`;
    await api.change({ params: { code }, body: { target: to } });
    expect(await targetsNow()).toEqual(new Set([to]));
  }
  await untilKept();
  await api.rollback({ params: { code }, body: { version: 1 } });
  expect(await targetsNow()).toEqual(new Set([target]));
  await untilKept();
  await api.archive({ params: { code } });
  for (const _ of [1, 2]) expect(await targetsNow()).toEqual(new Set([410]));
  await api.restore({ params: { code } });
  expect(await targetsNow()).toEqual(new Set([target]));
});
