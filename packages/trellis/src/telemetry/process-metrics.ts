import { readFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import type { Registry } from "prom-client";
import { type Family, family } from "./family.ts";

/**
 * CPU, memory, threads, handles, garbage collection, lag and utilisation of the event loop: prom-client's own, and what it
 * leaves out. They belong to the process, so where two instances share one, both show them.
 */
export async function processMetrics(): Promise<readonly Family[]> {
  defaults ??= watchProcess();
  const watched = (await (await defaults).getMetricsAsJSON()) as unknown as readonly Family[];
  return [...watched, ...eventLoop(), ...(await threads())];
}

/** Watching begins with the first look, and lasts as long as the process. */
let defaults: Promise<Registry> | undefined;
let lastLook = performance.eventLoopUtilization();

async function watchProcess(): Promise<Registry> {
  const { collectDefaultMetrics, Registry } = (await import("prom-client")).default;
  const register = new Registry();
  // A look every 20 ms: half of what prom-client would, which wakes an idle process a hundred times a second.
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: 20 });
  return register;
}

function eventLoop(): readonly Family[] {
  const now = performance.eventLoopUtilization();
  const { utilization } = performance.eventLoopUtilization(now, lastLook);
  lastLook = now;
  return [
    family("counter", "trellis_event_loop_active_seconds_total", "For how long the event loop had something to do.", [
      { labels: {}, value: now.active / 1_000 },
    ]),
    family(
      "gauge",
      "trellis_event_loop_utilization",
      "The share of time in which the event loop had something to do, since somebody last looked.",
      [{ labels: {}, value: utilization }],
    ),
  ];
}

/** Linux tells; elsewhere it is left out. */
async function threads(): Promise<readonly Family[]> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const count = /^Threads:\s+(\d+)$/m.exec(status)?.[1];
  if (count === undefined) return [];
  return [
    family("gauge", "trellis_process_threads", "Threads of the process.", [{ labels: {}, value: Number(count) }]),
  ];
}
