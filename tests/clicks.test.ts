import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ClickBook, clickLoad } from "./helpers/click-load.ts";
import { LinksBooks } from "./helpers/links-books.ts";
import { startLinks } from "./helpers/links-start.ts";
import { canMount, smallDisk } from "./helpers/small-disk.ts";

const root = join(import.meta.dirname, "..");
const run = promisify(execFile);

test("the demo's clicks are reconciled to the unit, and a second demo's too, which finds the app by itself", async () => {
  const { url, ownerKey = "", data } = await startLinks();
  const demo = ["apps/links/demo/main.ts", "--links", "40", "--clicks", "1500"];
  const told = { arguments: [...demo, "--url", url], environment: { TRELLIS_KEY: ownerKey } };
  const finds = { arguments: demo, environment: { TRELLIS_DATA: String(data), TRELLIS_KEY: "" } };
  for (const [round, { arguments: words, environment }] of [
    [1, told],
    [2, finds],
  ] as const) {
    const { stdout } = await run(process.execPath, words, { cwd: root, env: { ...process.env, ...environment } });
    expect(stdout).toContain("Reconciled to the unit: 1,500 answered here, 1,500 counted there");
    const { answered, series } = await new LinksBooks(url, ownerKey).reconciliation();
    expect(answered).toBe(1_500 * round);
    for (const count of Object.values(series)) expect(count).toBeGreaterThan(0);
  }
});

test.skipIf(!canMount)(
  "with a full disk redirects go on, and what could not be written down is told to the unit",
  async () => {
    const disk = smallDisk(300);
    const links = await startLinks({ TRELLIS_LOG: "silent" }, join(disk.path, "data"));
    const codes = ["full-1", "full-2", "full-3"];
    for (const alias of codes)
      expect((await links.shorten({ target: "https://example.com/", alias })).status).toBe(201);
    const books = new LinksBooks(links.url, links.ownerKey ?? "");
    const book = new ClickBook();

    const before = clickLoad(links.url, codes, book);
    await before.until(2_000);
    await before.stop();
    await books.agreesWith(book);

    disk.fill();
    const during = clickLoad(links.url, codes, book);
    await during.until(6_000);
    await during.stop();
    disk.free();

    const after = clickLoad(links.url, codes, book);
    await after.until(8_000);
    await after.stop();
    expect(book.doubts).toBe(0);
    // What a gateway could not write down it tells within a second, when it can write again.
    await expect.poll(async () => (await books.settled()).answered, { timeout: 20_000 }).toBe(book.answers);
    const { counted, unlogged } = await books.settled();
    expect(unlogged).toBeGreaterThan(0);
    expect(counted).toBe(book.answers - unlogged);
  },
);
