import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readState } from "../packages/trellis/src/supervisor/state.ts";
import { ClickBook, clickLoad } from "./helpers/click-load.ts";
import { freeze } from "./helpers/freeze.ts";
import { LinksBooks } from "./helpers/links-books.ts";
import { type RunningLinks, startLinks } from "./helpers/links-start.ts";
import { kill } from "./helpers/trellis-process.ts";

/** So many that each is asked for by everybody in turn: by GET and by HEAD, by people and by robots. */
const codes = Array.from({ length: 19 }, (_, place) => `link-${place}`);

async function linksWithTwoGateways(environment: Readonly<Record<string, string>> = {}) {
  const links = await startLinks({ TRELLIS_GATEWAYS: "2", ...environment });
  for (const alias of codes) expect((await links.shorten({ target: "https://example.com/", alias })).status).toBe(201);
  return { links, booksAt: (url: string) => new LinksBooks(url, links.ownerKey ?? "") };
}

/** Asks for the books until told to stop. No answer that was given before is ever missing in them. */
function watch(books: LinksBooks, book: ClickBook) {
  let stopped = false;
  let looks = 0;
  const watching = (async () => {
    while (!stopped) {
      const before = book.answers;
      const { answered } = await books.reconciliation();
      expect(answered).toBeGreaterThanOrEqual(before);
      looks += 1;
    }
  })();
  watching.catch(() => undefined);
  return {
    stop: async (): Promise<number> => {
      stopped = true;
      await watching;
      return looks;
    },
  };
}

/** The process of a gateway, as the data folder tells of it. None from its end until another serves. */
function pidOf(name: string, { data }: RunningLinks): number | undefined {
  const state = readState(readFileSync(join(String(data), "state.json"), "utf8"));
  return state?.gateways.find((gateway) => gateway.name === name)?.pid;
}

test("a gateway killed in mid-load, again and again: every redirect that it answered is counted exactly once", async () => {
  const { links, booksAt } = await linksWithTwoGateways();
  const books = booksAt(links.url);
  const book = new ClickBook();
  // At an instance itself, whichever gateway is killed.
  const watching = watch(booksAt(links.webs[0] ?? ""), book);
  let atTheEdge = 0;
  for (const name of ["gateway-1", "gateway-2", "gateway-1"]) {
    const load = clickLoad(links.url, codes, book);
    await load.until(book.answers + 3_000);
    atTheEdge = await books.answeredAtTheEdge();
    const pid = pidOf(name, links);
    kill(pid ?? 0);
    await expect.poll(() => pidOf(name, links) ?? pid, { timeout: 30_000 }).not.toBe(pid);
    await load.stop();
  }
  expect(await watching.stop()).toBeGreaterThan(10);
  const { counted, unlogged } = await books.agreesWith(book);
  expect(unlogged).toBe(0);
  expect(counted).toBeGreaterThan(9_000);
  expect(atTheEdge).toBeGreaterThan(2_000);
});

test("whoever brings in what the edge has answered is killed meanwhile: it is brought in once, by another", async () => {
  const { links, booksAt } = await linksWithTwoGateways();
  const books = booksAt(links.url);
  const book = new ClickBook();
  const load = clickLoad(links.url, codes, book);
  for (const { pid } of links.instances) {
    await load.until(book.answers + 3_000);
    const before = links.trellis.events.length;
    kill(pid);
    await links.trellis.event(({ event }) => event === "instance", before);
  }
  await load.until(book.answers + 1_000);
  await load.stop();
  // Gateways hide that an instance was killed.
  expect(book.doubts).toBe(0);
  const { unlogged } = await books.agreesWith(book);
  expect(unlogged).toBe(0);
  expect(await books.answeredAtTheEdge()).toBeGreaterThan(book.answers * 0.9);
});

test("PostgreSQL away for half a minute: the edge goes on answering, and each of its answers is counted later", async () => {
  const awayMs = 30_000;
  const { links, booksAt } = await linksWithTwoGateways({ TRELLIS_LOG: "silent" });
  const books = booksAt(links.url);
  for (const web of links.webs)
    for (const code of codes) for (let turn = 0; turn < 5; turn += 1) await links.follow(code, web);
  const warmed = await books.settled();
  const book = new ClickBook();
  const load = clickLoad(links.url, codes, book, 4);
  await load.until(2_000);
  const { thaw } = freeze(links);
  const begun = performance.now();
  while (performance.now() - begun < awayMs) await load.until(book.answers + 100);
  const during = book.answers;
  thaw();
  await load.until(during + 500);
  await load.stop();
  expect(book.doubts).toBe(0);
  const { counted, unlogged } = await books.settled(120_000);
  expect({ counted: counted - warmed.counted, unlogged }).toEqual({ counted: book.answers, unlogged: 0 });
  expect(await books.answeredAtTheEdge()).toBeGreaterThan(book.answers * 0.9);
});
