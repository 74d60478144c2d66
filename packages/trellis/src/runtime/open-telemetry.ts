import type { Clock } from "../model/clock.ts";
import type { Log } from "../model/log.ts";
import { type Metrics, noMetrics } from "../model/metrics.ts";
import type { Role } from "../model/plan.ts";
import type { Settings } from "../model/settings.ts";
import { noTracing, type Tracing } from "../model/tracing.ts";
import { InstanceMetrics } from "../telemetry/instance-metrics.ts";
import { processMetrics } from "../telemetry/process-metrics.ts";
import { tracedLog } from "../telemetry/traced-log.ts";
import type { Closing } from "./closing.ts";

interface Parts {
  readonly settings: Pick<Settings, "metrics" | "tracesUrl">;
  readonly name: string;
  readonly role: Role;
  readonly clock: Clock;
  readonly log: Log;
}

/** What an instance says of itself while it runs. */
export interface Telemetry {
  readonly metrics: Metrics;
  /** The same, for whoever reads them; undefined where nobody does. */
  readonly figures: InstanceMetrics | undefined;
  readonly tracing: Tracing;
  /** Its lines carry the trace in which they were written. */
  readonly log: Log;
}

export async function openTelemetry(parts: Parts, closing: Closing): Promise<Telemetry> {
  const { settings, name, role, clock } = parts;
  const figures =
    settings.metrics === "yes"
      ? new InstanceMetrics({ labels: { instance: name, role }, clock, log: parts.log })
      : undefined;
  figures?.also(processMetrics);
  const metrics = figures ?? noMetrics;
  if (settings.tracesUrl === "") return { metrics, figures, tracing: noTracing, log: parts.log };
  // Loaded where traces are sent, and nowhere else.
  const { openOtelTracing } = await import("../telemetry/otel-tracing.ts");
  const tracing = openOtelTracing({ url: settings.tracesUrl, metrics, instance: name, clock, log: parts.log });
  closing.add(() => tracing.close());
  return { metrics, figures, tracing, log: tracedLog(parts.log, tracing) };
}
