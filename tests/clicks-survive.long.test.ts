import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ClickBook, clickLoad } from "./helpers/click-load.ts";
import { freeze } from "./helpers/freeze.ts";
import { LinksBooks } from "./helpers/links-books.ts";
import { startLinks } from "./helpers/links-start.ts";
import { kill } from "./helpers/trellis-process.ts";

const codes = Array.from({ length: 20 }, (_, place) => `link-${place}`);
const clicksBeforeKill = 3_000;

test("kill -9 of the whole tree in mid-load, three times: every answered redirect is counted exactly once", async () => {
  const data = mkdtempSync(join(tmpdir(), "trellis-clicks-"));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const book = new ClickBook();
  let key = "";
  for (let round = 1; round <= 3; round += 1) {
    const links = await startLinks({}, data);
    key = links.ownerKey ?? key;
    if (round === 1)
      for (const alias of codes)
        expect((await links.shorten({ target: "https://example.com/", alias })).status).toBe(201);
    const load = clickLoad(links.url, codes, book);
    await load.until(book.answers + clicksBeforeKill);
    await links.trellis.killTree();
    await load.ended;
  }
  const { url } = await startLinks({}, data);
  const { unlogged } = await new LinksBooks(url, key).agreesWith(book);
  expect(unlogged).toBe(0);
  expect(book.answers).toBeGreaterThanOrEqual(3 * clicksBeforeKill);
});

test("each process killed by itself in mid-load, its place taken by another: every answer is counted once", async () => {
  const links = await startLinks();
  for (const alias of codes) expect((await links.shorten({ target: "https://example.com/", alias })).status).toBe(201);
  const book = new ClickBook();
  for (const { pid } of links.instances) {
    const load = clickLoad(links.url, codes, book);
    await load.until(book.answers + 1_000);
    const before = links.trellis.events.length;
    kill(pid);
    await links.trellis.event(({ event }) => event === "instance", before);
    await load.stop();
  }
  await new LinksBooks(links.url, links.ownerKey ?? "").agreesWith(book);
});

test("PostgreSQL stopped under load: warm links are followed all the while, and no click is lost", async () => {
  const stoppedMs = 30_000;
  const links = await startLinks({ TRELLIS_LOG: "silent" });
  for (const alias of codes) expect((await links.shorten({ target: "https://example.com/", alias })).status).toBe(201);
  const book = new ClickBook();
  for (const web of links.webs)
    for (const code of codes) for (let turn = 0; turn < 5; turn += 1) await links.follow(code, web);
  const books = new LinksBooks(links.url, links.ownerKey ?? "");
  const warmed = await books.settled();

  const load = clickLoad(links.url, codes, book, 4);
  await load.until(500);
  const { thaw } = freeze(links);
  const stopped = performance.now();
  while (performance.now() - stopped < stoppedMs) await load.until(book.answers + 100);
  thaw();
  await load.until(book.answers + 500);
  await load.stop();

  expect(book.doubts).toBe(0);
  const { counted, unlogged } = await books.settled(120_000);
  expect(unlogged).toBe(0);
  expect(counted - warmed.counted).toBe(book.answers);
});
