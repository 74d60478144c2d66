import { fileURLToPath } from "node:url";
import type { HttpSide } from "../src/harness/http-side.ts";
import { startOneInstance } from "../src/harness/trellis-command.ts";

/** The app of app/trellis.config.ts, started with the command. */
export function startOrders(): Promise<HttpSide> {
  return startOneInstance(fileURLToPath(new URL("app/", import.meta.url)));
}
