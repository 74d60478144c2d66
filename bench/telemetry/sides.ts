import { fileURLToPath } from "node:url";
import { Child } from "../src/harness/child.ts";
import type { HttpSide } from "../src/harness/http-side.ts";
import { nodeProgram, pinned } from "../src/harness/pinning.ts";
import { newKey, startOneInstance } from "../src/harness/trellis-command.ts";

const app = fileURLToPath(new URL("../route/app/", import.meta.url));

/** As an app runs that Prometheus looks at: figures are counted, and the process is watched since the first look. */
export async function startMeasured(settings: Readonly<Record<string, string>> = {}): Promise<HttpSide> {
  const side = await startOneInstance(app, settings);
  const key = newKey(app, side.data, "metrics:read");
  const answer = await fetch(`${side.origin}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  const text = await answer.text();
  if (!text.includes("trellis_http_waiting")) throw new Error(`/metrics showed no figures: ${answer.status} ${text}`);
  return side;
}

/** The same, and every request is a trace that is sent to a collector beside it, on the load generator's core. */
export async function startTraced(): Promise<HttpSide> {
  const collector = new Child(pinned("generator", nodeProgram(new URL("collector.ts", import.meta.url))));
  const { listening } = await collector.line("listening");
  const side = await startMeasured({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${Number(listening)}` });
  const end = async (): Promise<void> => {
    await side.end();
    await collector.end();
  };
  return { origin: side.origin, pid: side.pid, end };
}

/** Nothing is measured. */
export function startSilent(): Promise<HttpSide> {
  return startOneInstance(app, { TRELLIS_METRICS: "no" });
}
