import { accessSync, constants } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const places = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Where this machine's Chromium is; undefined where there is none. The variable `CHROMIUM` says it outright. */
export const chromiumPath: string | undefined = places.find((place) => place !== undefined && isProgram(place));

/** Starts the machine's Chromium without a window. */
export function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error("No Chromium here: apt-get install chromium, or set CHROMIUM");
  // Containers run as root and share little memory, which Chromium's own sandbox and /dev/shm do not go with.
  return chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
