import { links } from "links";
import { linksContract } from "links/contract";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { app } from "trellis";
import { startTestApp, type TestApp } from "trellis/testing";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { chromiumPath, launchChromium } from "./helpers/chromium.ts";
import { watchPage } from "./helpers/watch-page.ts";

let browser: Browser;
let running: TestApp;
let origin: string;
let workspace = 0;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  running = await startTestApp(app({ services: [links] }), { instances: 1 });
  origin = running.instances[0]?.privateUrl ?? "";
  browser = await launchChromium();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await running?.stop();
}, 60_000);

const opened: BrowserContext[] = [];
afterEach(async () => {
  for (const context of opened.splice(0)) await context.close();
});

const phone = { viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true };

interface Person {
  readonly page: Page;
  /** The key of a workspace of their own. */
  readonly key: string;
  readonly workspace: string;
}

/** Somebody with an empty workspace and a browser, not signed in. */
async function person(options: BrowserContextOptions = {}): Promise<Person> {
  const name = `acme-${++workspace}`;
  const key = await running.key(["*"], name);
  const context = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce", ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: origin });
  opened.push(context);
  const page = await context.newPage();
  const wrong = await watchPage(page, origin);
  onTestFinished(() => expect(wrong).toEqual([]));
  return { page, key, workspace: name };
}

/** Somebody who is signed in and sees `path`. */
async function signedIn(path: string, options: BrowserContextOptions = {}): Promise<Person> {
  const who = await person(options);
  await who.page.goto(`${origin}/sign-in?to=${encodeURIComponent(path)}`);
  await who.page.getByLabel("API key").fill(who.key);
  await who.page.keyboard.press("Enter");
  await who.page.waitForURL(`${origin}${path}`);
  return who;
}

async function shorten(page: Page, target: string, ending?: string): Promise<void> {
  await page.getByLabel("Long address").fill(target);
  if (ending !== undefined) await page.getByLabel("Ending of the short address, optional").fill(ending);
  await page.getByLabel("Long address").press("Enter");
  await page.getByTestId("made").waitFor();
  await page.reload();
  await page.locator(".link-row").first().waitFor();
}

const row = (page: Page, code: string) => page.getByRole("row").filter({ hasText: code });
const clipboard = (page: Page) => page.evaluate<string>("navigator.clipboard.readText()");
const api = ({ workspace: name }: Person) => running.client(linksContract, { scopes: ["*"], workspace: name });

describe.skipIf(chromiumPath === undefined)("Links in a browser", () => {
  test("who is not signed in is asked for a key, told where there is one, and led back to where they were", async () => {
    const { page, key } = await person();
    await page.goto(`${origin}/operations`);
    await page.waitForURL(/\/sign-in\?to=/);
    await page.getByText("key new --owner").waitFor();
    await page.getByLabel("API key").fill("trellis_wrong_key");
    await page.keyboard.press("Enter");
    await page.getByText("There is no such key").waitFor();
    await page.getByLabel("API key").fill(key);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Operations" }).waitFor();
    expect(await page.evaluate("document.cookie")).toBe("");
    await page.reload();
    await page.getByRole("heading", { name: "Is every click counted?" }).waitFor();
  });

  test("an address is shortened with Enter and copied with Enter, and stands on top of the list", async () => {
    const { page } = await signedIn("/");
    await page.getByText("Your links will be here").waitFor();
    await page.keyboard.press("n");
    await page.keyboard.type("example.com/first?x=1");
    await page.keyboard.press("Enter");
    const made = page.getByTestId("made");
    await made.waitFor();
    await page.keyboard.press("Enter");
    await made.getByText("Copied").first().waitFor();
    const copied = await clipboard(page);
    expect(copied).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9A-Za-z]{7}$/);
    await row(page, copied.slice(-7)).getByText("/first?x=1").waitFor();
  });

  test("what is wrong is said beside its field, and nothing typed is lost", async () => {
    const { page } = await signedIn("/");
    const address = page.getByLabel("Long address");
    const ending = page.getByLabel("Ending of the short address, optional");
    await address.fill("http://localhost:1/self");
    await ending.fill("admin");
    await address.press("Enter");
    await page.getByText("This word is kept for the app’s own pages").waitFor();
    expect([await address.inputValue(), await ending.inputValue()]).toEqual(["http://localhost:1/self", "admin"]);
    await ending.fill("no");
    await ending.press("Enter");
    await page.getByText("must be 3 to 64 letters").waitFor();
    await address.fill("not an address");
    await address.press("Enter");
    await page.getByText("This is not an address yet").waitFor();
  });

  test("a session that ends while somebody types asks for a key on top, and keeps what was typed", async () => {
    const { page, key } = await signedIn("/");
    await page.getByText("Your links will be here").waitFor();
    await page.getByLabel("Long address").fill("https://example.com/kept");
    await page.context().clearCookies();
    await page.getByLabel("Long address").press("Enter");
    const dialog = page.getByRole("dialog", { name: "Sign in to go on" });
    await dialog.getByLabel("API key").fill(key);
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    expect(await page.getByLabel("Long address").inputValue()).toBe("https://example.com/kept");
    await page.getByLabel("Long address").press("Enter");
    await page.getByTestId("made").waitFor();
  });

  test("a target is edited, rolled back, and the roll-back undone", async () => {
    const { page } = await signedIn("/");
    await shorten(page, "https://example.com/one", "trip");
    await row(page, "trip").click();
    await page.waitForURL(/\/links\/trip/);
    const drawer = page.getByRole("dialog");
    await drawer.getByRole("button", { name: "Edit" }).click();
    await drawer.getByLabel("Target").fill("https://example.com/two");
    await page.keyboard.press("Enter");
    await drawer.getByRole("link", { name: "https://example.com/two" }).waitFor();
    await drawer.getByRole("button", { name: "Roll back to version 1" }).click();
    await drawer.getByRole("link", { name: "https://example.com/one" }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await drawer.getByRole("link", { name: "https://example.com/two" }).waitFor();
    await page.keyboard.press("Escape");
    await page.waitForURL(`${origin}/`);
  });

  test("a change that others made meanwhile is shown, and what was typed stays", async () => {
    const who = await signedIn("/");
    const { page } = who;
    await shorten(page, "https://example.com/mine", "shared");
    await page.goto(`${origin}/links/shared?show=edit`);
    await page.getByLabel("Target").fill("https://example.com/edited");
    await (await api(who)).change({ params: { code: "shared" }, body: { target: "https://example.com/theirs" } });
    await page.keyboard.press("Enter");
    await page.getByText("it leads to https://example.com/theirs now").waitFor();
    expect(await page.getByLabel("Target").inputValue()).toBe("https://example.com/edited");
    await page.getByLabel("Target").press("Enter");
    await page.getByRole("link", { name: "https://example.com/edited" }).waitFor();
  });

  test("by keyboard alone: archived from its row, focus on the next row, undone from the toast", async () => {
    const { page } = await signedIn("/");
    for (const ending of ["third", "second", "first"]) await shorten(page, `https://example.com/${ending}`, ending);
    await page.keyboard.press("/");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Delete");
    await row(page, "second").waitFor({ state: "detached" });
    await page.getByText(/Archived 127\.0\.0\.1:\d+\/second/).waitFor();
    await expect.poll(() => page.evaluate("document.activeElement?.closest('[role=row]')?.dataset.key")).toBe("third");
    await page.keyboard.press("F6");
    await page.getByRole("button", { name: "Undo" }).focus();
    await page.keyboard.press("Enter");
    await row(page, "second").waitFor();
    expect(await page.getByRole("row").count()).toBe(4);
  });

  test("a row's menu copies, and archives with the focus on the next row's menu", async () => {
    const { page } = await signedIn("/");
    for (const ending of ["below", "above"]) await shorten(page, `https://example.com/${ending}`, ending);
    await page.getByRole("button", { name: /Actions for .*above/ }).click();
    await page.getByRole("menuitem", { name: "Copy" }).click();
    await expect.poll(() => clipboard(page)).toMatch(/\/above$/);
    await page.getByRole("button", { name: /Actions for .*above/ }).click();
    await page.getByRole("menuitem", { name: "Archive" }).click();
    await row(page, "above").waitFor({ state: "detached" });
    await expect
      .poll(() => page.evaluate("document.activeElement?.getAttribute('aria-label')"))
      .toMatch(/Actions for .*below/);
    await page.getByRole("radio", { name: "Archived" }).click();
    await row(page, "above").waitFor();
    expect(page.url()).toContain("state=archived");
    await page.getByRole("button", { name: /Actions for .*above/ }).click();
    await page.getByRole("menuitem", { name: "Restore" }).click();
    await page.getByText("Nothing is archived").waitFor();
  });

  test("the search finds while one types, lives in the address, and survives going back", async () => {
    const { page } = await signedIn("/");
    for (const ending of ["apples", "pears"]) await shorten(page, `https://example.com/${ending}`, ending);
    await page.keyboard.press("/");
    await page.keyboard.type("pear");
    await row(page, "apples").waitFor({ state: "detached" });
    await page.waitForURL(/\?q=pear$/);
    await row(page, "pears").click();
    await page.waitForURL(/\/links\/pears\?q=pear$/);
    await page.goBack();
    await page.waitForURL(/\/\?q=pear$/);
    await page.keyboard.press("/");
    await page.keyboard.press("Escape");
    await row(page, "apples").waitFor();
  });

  test("⌘K finds a link, shortens what looks like an address, and switches the scheme for good", async () => {
    const { page } = await signedIn("/");
    const openPalette = async () => {
      await page.keyboard.press("Control+k");
      await page.locator(".palette input:focus").waitFor();
    };
    await shorten(page, "https://example.com/sought", "sought");
    await openPalette();
    await page.keyboard.type("soug");
    await page.getByRole("menuitem", { name: /sought/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/links\/sought/);
    await page.getByRole("dialog").getByText("sought").first().waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await openPalette();
    await page.keyboard.type("https://example.com/by-palette");
    await page.getByRole("menuitem", { name: /Shorten.*by-palette/ }).waitFor();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.getByLabel("Long address").inputValue()).toBe("https://example.com/by-palette");
    await page.getByRole("button", { name: "Use the dark scheme" }).click();
    await page.reload({ waitUntil: "commit" });
    await expect.poll(() => page.evaluate("document.documentElement.dataset.scheme")).toBe("dark");
  });

  test("clicks are seen as they are counted: people, bots, where from", async () => {
    const { page } = await signedIn("/");
    await shorten(page, "https://example.com/watched", "watched");
    await page.goto(`${origin}/links/watched`);
    const drawer = page.getByRole("dialog");
    await drawer.getByText("Live", { exact: false }).first().waitFor();
    await drawer.getByText("No clicks yet.").first().waitFor();
    const chrome = "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
    const follow = (agent: string) =>
      fetch(`${origin}/watched`, {
        redirect: "manual",
        headers: { "user-agent": agent, referer: "https://news.ycombinator.com/item?id=1" },
      });
    for (const agent of [chrome, chrome, chrome, "Mozilla/5.0 (compatible; Googlebot/2.1)"])
      expect((await follow(agent)).status).toBe(302);
    await drawer.getByText("news.ycombinator.com", { exact: true }).waitFor();
    await drawer.getByRole("button", { name: /^People 3$/ }).waitFor();
    await drawer.getByRole("button", { name: /^Bots 1$/ }).waitFor();
    await drawer.getByText(/moved/).waitFor();
    await page.goto(`${origin}/operations`);
    await page.getByText("Yes: every one, to the unit.").waitFor();
  });

  test("a QR code is shown and can be taken along", async () => {
    const { page } = await signedIn("/");
    await shorten(page, "https://example.com/printed", "printed");
    await page.goto(`${origin}/links/printed?show=qr`);
    const code = page.getByRole("img", { name: /QR code of .*\/printed/ });
    await code.waitFor();
    await expect.poll(() => page.evaluate("document.querySelector('.qr').naturalWidth > 0")).toBe(true);
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: /PNG/ }).click();
    expect((await download).suggestedFilename()).toBe("printed.png");
  });

  test("on a phone a link opens as a sheet, and everything to press is 44 px high", async () => {
    const { page } = await signedIn("/", phone);
    await shorten(page, "https://example.com/small", "small");
    const low = `[...document.querySelectorAll("button, input, [role=radio], [role=row] a")]
      .map((element) => [element.className, element.getBoundingClientRect().height])
      .filter(([, height]) => height > 1 && height < 43.5)`;
    expect(await page.evaluate(low)).toEqual([]);
    await row(page, "small").tap();
    const sheet = page.getByRole("dialog");
    await sheet.waitFor();
    expect((await sheet.boundingBox())?.width).toBe(375);
    await sheet.getByRole("button", { name: "Close" }).tap();
    await sheet.waitFor({ state: "detached" });
  });

  test("of a thousand links only those in sight are in the page, and all can be reached", {
    timeout: 90_000,
  }, async () => {
    const who = await signedIn("/");
    const { page } = who;
    const client = await api(who);
    const made = Array.from({ length: 250 }, (_, index) => `https://example.com/many/${index}`);
    for (const target of made) await client.shorten({ body: { target } });
    await page.reload();
    await page.getByText("/many/249").waitFor();
    await expect
      .poll(
        async () => {
          await page.mouse.move(600, 700);
          await page.mouse.wheel(0, 20_000);
          return page.getByText("/many/0", { exact: true }).count();
        },
        { timeout: 30_000 },
      )
      .toBe(1);
    expect(await page.getByRole("row").count()).toBeLessThan(60);
    await page.getByText("250 shown").waitFor();
  });

  test("signing out forgets the key", async () => {
    const { page } = await signedIn("/");
    await page.getByRole("button", { name: "Account" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.waitForURL(/\/sign-in/);
    await page.goto(`${origin}/`);
    await page.waitForURL(/\/sign-in/);
  });
});
