import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { UpstreamFailure } from "../../packages/trellis/src/gateway/exchange.ts";
import { openRig } from "../../packages/trellis/src/gateway/front/front-rig.contract.ts";
import { axeViolations } from "./helpers/axe-violations.ts";
import { chromiumPath, launchChromium } from "./helpers/chromium.ts";
import { watchPage } from "./helpers/watch-page.ts";

/** Pictures of every look, to be looked at; ignored by git. */
const pictures = join(import.meta.dirname, "../../.trellis/looks");

const answers: readonly (readonly [name: string, status: number, failure: UpstreamFailure])[] = [
  ["unknown-host", 404, { reason: "unknown-host", says: "" }],
  ["rate-limited", 429, { reason: "rate-limited", says: "", retryAfterMs: 42_000 }],
  ["no-answer", 502, { reason: "connect", says: "" }],
  ["unavailable", 503, { reason: "no-instance", says: "" }],
  [
    "maintenance",
    503,
    {
      reason: "maintenance",
      says: "We are moving to a larger house. Back on Sunday at 14:00.",
      retryAfterMs: 7_200_000,
    },
  ],
  ["deadline-exceeded", 504, { reason: "timeout", says: "" }],
];

const sights = [
  ["light", { colorScheme: "light", viewport: { width: 1_280, height: 860 } }],
  ["dark", { colorScheme: "dark", viewport: { width: 1_280, height: 860 } }],
  [
    "phone",
    {
      colorScheme: "light",
      viewport: { width: 375, height: 812 },
      deviceScaleFactor: 2,
      hasTouch: true,
      isMobile: true,
    },
  ],
] as const;

let browser: Browser;
beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  if (chromiumPath !== undefined) browser = await launchChromium();
}, 30_000);
afterAll(() => browser?.close());

test.skipIf(chromiumPath === undefined).each(answers)(
  "the gateway's own page %s (%i): axe finds nothing, the policy holds, nothing scrolls sideways",
  async (name, status, failure) => {
    const { hop, port } = await openRig();
    hop.script = (_, sink) => sink.fail(failure);
    const origin = `http://localhost:${port}`;
    for (const [sight, how] of sights) {
      const context = await browser.newContext(how);
      const page = await context.newPage();
      const wrong = await watchPage(page, origin);
      const answer = await page.goto(`${origin}/some/page`);
      expect(answer?.status()).toBe(status);
      await page.screenshot({ path: join(pictures, `gateway-${name}-${sight}.png`) });
      expect(await axeViolations(page)).toEqual([]);
      expect(wrong).toEqual([]);
      const over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
      expect(over).toBe(0);
      if (status === 503) {
        hop.script = (_, sink) => sink.whole(200, ["content-type", "text/html"], "<p>here again</p>");
        await page.keyboard.press("Tab");
        await page.keyboard.press("Enter");
        await page.getByText("here again").waitFor();
        expect(page.url()).toBe(`${origin}/some/page`);
        hop.script = (_, sink) => sink.fail(failure);
      }
      await context.close();
    }
    const problem = await fetch(`${origin}/some/page`, { headers: { accept: "application/json" } });
    expect(problem.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(await problem.json()).toMatchObject({ status, code: name });
  },
);
