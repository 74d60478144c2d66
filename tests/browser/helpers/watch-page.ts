import type { Page } from "playwright-core";

/** Runs in the page, before all else in it. */
const tellOfBreaches = `addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  console.error("policy: " + violatedDirective + " " + blockedURI));`;

/** Collects what must never happen on a page: uncaught errors, breaches of its policy, requests to third parties. */
export async function watchPage(page: Page, origin: string): Promise<readonly string[]> {
  const seen: string[] = [];
  page.on("pageerror", (error) => seen.push(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    const text = message.text();
    // A failed answer is told by the page itself; the browser's own line about it says nothing new.
    if (message.type() === "error" && !text.startsWith("Failed to load resource")) seen.push(`console: ${text}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith("blob:")) seen.push(`third party: ${url}`);
  });
  await page.addInitScript({ content: tellOfBreaches });
  return seen;
}
