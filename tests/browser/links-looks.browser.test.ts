import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeViolations } from "./helpers/axe-violations.ts";
import { answerFromCans } from "./helpers/canned/canned-api.ts";
import { cannedNow } from "./helpers/canned/canned-links.ts";
import { looks } from "./helpers/canned/looks.ts";
import { chromiumPath, launchChromium } from "./helpers/chromium.ts";
import { type PageFiles, servePageFiles } from "./helpers/page-files.ts";
import { watchPage } from "./helpers/watch-page.ts";

/** Pictures of every look, to be looked at; ignored by git. */
const pictures = join(import.meta.dirname, "../../.trellis/looks");

let browser: Browser;
let pages: PageFiles;

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  if (chromiumPath === undefined) return;
  pages = await servePageFiles();
  browser = await launchChromium();
}, 30_000);

afterAll(async () => {
  pages?.close();
  await browser?.close();
});

test.skipIf(chromiumPath === undefined).each(Object.entries(looks))(
  "%s: axe finds nothing, the policy holds, nothing scrolls sideways",
  async (name, { path, state = {}, dark = false, phone = false, shows, open }) => {
    const context = await browser.newContext({
      colorScheme: dark ? "dark" : "light",
      locale: "en-GB",
      timezoneId: "Europe/Berlin",
      reducedMotion: "reduce",
      viewport: phone ? { width: 375, height: 812 } : { width: 1280, height: 860 },
      ...(phone ? { deviceScaleFactor: 2, hasTouch: true, isMobile: true } : {}),
    });
    const page = await context.newPage();
    const wrong = await watchPage(page, pages.origin);
    await page.clock.install({ time: cannedNow });
    await answerFromCans(page, pages.origin, state);
    await page.goto(pages.origin + path);
    await page.locator(shows).first().waitFor();
    await open?.(page);
    await page.evaluate("document.fonts.ready.then(() => undefined)");
    await page.screenshot({
      path: join(pictures, `${name.replaceAll(/\W+/g, "-")}.png`),
      fullPage: path === "/operations",
    });
    expect(await axeViolations(page)).toEqual([]);
    expect(wrong).toEqual([]);
    const over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    expect(over).toBe(0);
    await context.close();
  },
);
