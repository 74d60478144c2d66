import { chromiumPath } from "./chromium.ts";

/** Once a run, where the machine has no browser. */
export function setup(): void {
  if (chromiumPath === undefined)
    console.error("Skipped the tests in a browser: no Chromium here. Run `apt-get install chromium`, or set CHROMIUM.");
}
