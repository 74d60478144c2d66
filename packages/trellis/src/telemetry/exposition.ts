import type { Family } from "./family.ts";

/** What Prometheus reads (prometheus.io/docs/instrumenting/exposition_formats), version 0.0.4. */
export const expositionType = "text/plain; version=0.0.4; charset=utf-8";

/** Writes the figures of one or several instances as one text, in which each name comes once. */
export async function exposition(instances: readonly (readonly Family[])[]): Promise<string> {
  // Loaded when somebody looks: an instance that nobody watches does without.
  const { AggregatorRegistry } = (await import("prom-client")).default;
  return AggregatorRegistry.aggregate(instances.map((families) => [...families])).metrics();
}
