import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { app, service } from "trellis";
import { anyone, contract, get, socket } from "trellis/contract";
import { startTestApp, type TestApp } from "trellis/testing";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { axeViolations } from "./helpers/axe-violations.ts";
import { chromiumPath, launchChromium } from "./helpers/chromium.ts";

const Note = z.object({ says: z.string() });
const Drawing = z.object({
  draws: z.literal("line"),
  from: z.array(z.number()).max(2),
  to: z.array(z.number()).max(2),
});

const roomContract = contract("room", {
  echo: get("/v1/echo", {
    summary: "Says again what it is told",
    returns: socket({ receives: z.union([Note, Drawing]), sends: z.union([Note, Drawing]) }),
    allow: anyone,
  }),
  mine: get("/v1/mine", { returns: socket({ receives: Note, sends: z.object({ workspace: z.string() }) }) }),
});
const room = service(roomContract, {
  uses: {},
  routes: {
    echo: () => ({ receive: (message) => message }),
    mine: ({ actor: { workspace } }) => ({ receive: () => ({ workspace }) }),
  },
});

let browser: Browser;
let running: TestApp;
let origin: string;
let stranger: Server;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  running = await startTestApp(app({ services: [room] }), { instances: 1 });
  origin = running.instances[0]?.privateUrl ?? "";
  stranger = createServer((_, answer) => answer.end("A page of somebody else"));
  await new Promise<void>((resolve) => stranger.listen(0, new URL(origin).hostname, resolve));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  stranger?.close();
  await running?.stop();
});

async function openPage(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  return await context.newPage();
}

/** What a page at `address` is answered when it sends a note, or how its browser says that it may not. */
async function hears(page: Page, address: string): Promise<unknown> {
  await page.goto(address);
  const says = new Promise<string>((resolve) => {
    page.on("console", (message) => resolve(message.text()));
  });
  const heard = page.evaluate(`new Promise((tell) => {
    const socket = new WebSocket(${JSON.stringify(`${origin.replace("http", "ws")}/v1/mine`)});
    socket.onopen = () => socket.send('{"says":"hello"}');
    socket.onmessage = ({ data }) => tell(JSON.parse(data));
  })`);
  heard.catch(() => undefined);
  return await Promise.race([heard, says]);
}

describe.skipIf(chromiumPath === undefined)("WebSockets in a browser", () => {
  test("the lines that the reference gives connect as they are, from wherever it is read", async () => {
    const page = await openPage();
    await page.goto(`${origin}/openapi#room.echo`);
    const lines = await page.locator(`[id="room.echo"] .copyable code`).innerText();
    expect(lines).toContain(`"${origin.replace("http", "ws")}/v1/echo"`);
    await page.goto(`${origin}/livez`);
    const printed = await page.evaluate(`new Promise((print) => { const console = { log: print }; ${lines} })`);
    expect(printed).toEqual({ says: "text" });
  });

  test("a page is known by its session, and a page of another site is not let in with it", async () => {
    const key = await running.key(["*"], "acme");
    const page = await openPage();
    expect(await hears(page, `${origin}/livez`)).toContain("HTTP Authentication failed");
    const signedIn = await page.evaluate(`fetch("/v1/session", {
      method: "POST", headers: { "content-type": "application/json" }, body: ${JSON.stringify(JSON.stringify({ key }))},
    }).then(({ ok }) => ok)`);
    expect(signedIn).toBe(true);
    expect(await hears(page, `${origin}/livez`)).toEqual({ workspace: "acme" });
    // Another port is another origin, but the same site: the browser does send the cookie.
    const { port } = stranger.address() as AddressInfo;
    expect(await hears(page, `http://${new URL(origin).hostname}:${port}/`)).toContain("response code: 403");
  });

  test.each(["light", "dark"] as const)(
    "the reference of a WebSocket (%s): axe finds nothing, on a phone either, and nothing scrolls sideways",
    async (colorScheme) => {
      const page = await openPage({ colorScheme });
      await page.goto(`${origin}/openapi#room.echo`);
      await page.getByRole("heading", { name: "You receive" }).waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await page.setViewportSize({ width: 375, height: 812 });
      expect(await axeViolations(page)).toEqual([]);
      const over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
      expect(over).toBe(0);
    },
  );
});
