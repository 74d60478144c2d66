import { links } from "links";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { app } from "trellis";
import { startTestApp, type TestApp } from "trellis/testing";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { axeViolations } from "./helpers/axe-violations.ts";
import { chromiumPath, launchChromium } from "./helpers/chromium.ts";
import { watchPage } from "./helpers/watch-page.ts";

let browser: Browser;
let running: TestApp;
/** Where the app itself answers: pages, routes and reference. */
let origin: string;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  running = await startTestApp(app({ services: [links] }), { instances: 1 });
  origin = running.instances[0]?.privateUrl ?? "";
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await running?.stop();
});

const contexts: BrowserContext[] = [];
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
});

/** A page of a new browser, on which nothing may go wrong. */
async function openPage(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce", ...options });
  contexts.push(context);
  const page = await context.newPage();
  const wrong = await watchPage(page, origin);
  onTestFinished(() => expect(wrong).toEqual([]));
  return page;
}

describe.skipIf(chromiumPath === undefined)("a person who signs in", () => {
  test("is asked for a key first, and comes back to where they wanted to go", async () => {
    const key = await running.key(["*"], "acme");
    const page = await openPage();
    await page.goto(`${origin}/operations`);
    await page.getByLabel("API key").fill(key);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${origin}/operations`);
    await page.getByRole("heading", { level: 1 }).waitFor();

    const [cookie, ...others] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: "trellis_session", httpOnly: true, sameSite: "Strict", path: "/" });
    expect(others).toEqual([]);
    expect(await page.evaluate("document.cookie + Object.values(localStorage).join()")).toBe("");
    await page.reload();
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(page.url()).toBe(`${origin}/operations`);
  });

  test("hears beside the field that a key is wrong, keeps what they typed, and may try again", async () => {
    const page = await openPage();
    await page.goto(origin);
    const field = page.getByLabel("API key");
    await field.fill("trellis_0123456789abcdef_nobody");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator("[aria-invalid=true]").waitFor();
    expect(await field.inputValue()).toBe("trellis_0123456789abcdef_nobody");
    expect(await field.getAttribute("aria-describedby")).toBeTruthy();
    expect(await axeViolations(page)).toEqual([]);
    await field.fill(await running.key(["*"], "acme"));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Shorten a link" }).waitFor();
  });

  test("is signed out on every page once they sign out", async () => {
    const page = await openPage();
    await page.context().addCookies([
      {
        name: "trellis_session",
        value: await running.key(["*"], "acme"),
        url: origin,
        httpOnly: true,
        sameSite: "Strict",
      },
    ]);
    await page.goto(origin);
    await page.getByRole("button", { name: "Account" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByLabel("API key").waitFor();
    expect(await page.context().cookies()).toEqual([]);
  });
});

/** Runs before all else in a page: notes the background of each frame that is painted. */
const noteFrames = `window.frames_ = [];
(function note() {
  requestAnimationFrame(() => {
    window.frames_.push(getComputedStyle(document.documentElement).backgroundColor);
    note();
  });
})();`;

const light = "rgb(250, 249, 246)";
const dark = "rgb(20, 20, 19)";

describe.skipIf(chromiumPath === undefined)("the colour scheme", () => {
  test.each([
    ["light", "dark", light, dark],
    ["dark", "light", dark, light],
  ] as const)(
    "is the system's (%s) until a person chooses %s, which then holds from the first frame on",
    async (system, chosen, before, after) => {
      const page = await openPage({ colorScheme: system });
      await page.addInitScript({ content: noteFrames });
      const frames = async (): Promise<readonly string[]> => {
        await page.getByLabel("API key").waitFor();
        await page.waitForFunction("window.frames_.length > 5");
        return [...new Set(await page.evaluate<string[]>("window.frames_"))];
      };
      await page.goto(`${origin}/sign-in`);
      expect(await frames()).toEqual([before]);
      await page.getByRole("button", { name: `Use the ${chosen} scheme` }).click();
      await page.reload();
      expect(await frames()).toEqual([after]);
    },
  );
});

describe.skipIf(chromiumPath === undefined)("what every app shows of itself", () => {
  test.each([
    ["the reference", "/openapi", "light"],
    ["the reference", "/openapi", "dark"],
    ["a problem's page", "/problems/target-refused", "light"],
    ["a problem's page", "/problems/invalid-input", "dark"],
  ] as const)(
    "%s (%s, %s): axe finds nothing, on a phone either, and nothing scrolls sideways",
    async (_, path, scheme) => {
      const page = await openPage({ colorScheme: scheme });
      await page.goto(origin + path);
      expect(await axeViolations(page)).toEqual([]);
      await page.evaluate("for (const route of document.querySelectorAll('details')) route.open = true");
      expect(await axeViolations(page)).toEqual([]);
      await page.setViewportSize({ width: 375, height: 812 });
      expect(await axeViolations(page)).toEqual([]);
      const over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
      expect(over).toBe(0);
    },
  );
});
