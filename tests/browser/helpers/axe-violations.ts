import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const run = `axe.run().then(({ violations }) => JSON.stringify(violations.flatMap(({ id, nodes }) =>
  nodes.map(({ html, failureSummary }) => id + ": " + html.slice(0, 120) + " " + failureSummary))))`;

/** What axe finds on the page as it stands, overlays included; one line a place. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  // Through the debugger, because the page's policy lets nothing else be evaluated.
  const debug = await page.context().newCDPSession(page);
  await debug.send("Runtime.evaluate", { expression: axe });
  const { result } = await debug.send("Runtime.evaluate", { expression: run, awaitPromise: true });
  await debug.detach();
  return JSON.parse(String(result.value)) as string[];
}
