import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const script = `
  import { createRequire } from "node:module";
  import { Closing } from "${import.meta.resolve("./closing.ts")}";
  import { openTelemetry } from "${import.meta.resolve("./open-telemetry.ts")}";
  import { systemClock } from "${import.meta.resolve("./system-clock.ts")}";
  import { silentLog } from "${import.meta.resolve("../testing/silent-log.ts")}";
  const closing = new Closing();
  const settings = { metrics: "yes", tracesUrl: process.argv[1] ?? "" };
  const telemetry = await openTelemetry({ settings, name: "web-1", role: "web", clock: systemClock, log: silentLog }, closing);
  telemetry.metrics.counter("trellis_a_total", "A.").add();
  telemetry.tracing.span({ name: "a", kind: "internal" }, () => undefined);
  const loaded = Object.keys(createRequire("${import.meta.url}").cache);
  const named = ["opentelemetry", "prom-client"].filter((name) => loaded.some((file) => file.includes(name)));
  console.log(JSON.stringify(named));
  process.exit(0);
`;

async function loadedBy(...args: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script, ...args]);
  return JSON.parse(stdout);
}

it("loads nothing for traces where none are sent, nor for figures before somebody looks", async () => {
  expect(await loadedBy()).toEqual([]);
  expect(await loadedBy("http://127.0.0.1:1")).toEqual(["opentelemetry"]);
});
