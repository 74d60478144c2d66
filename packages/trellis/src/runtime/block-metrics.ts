import type { Reading } from "../model/metrics.ts";
import type { InstanceMetrics } from "../telemetry/instance-metrics.ts";
import type { OpenService } from "./open-services.ts";

/** Figures of a cache that only grow, by the name that its block gives them. */
const cacheTotals = {
  trellis_cache_misses_total: ["misses", "Values that were asked for and not there."],
  trellis_cache_loads_total: ["loads", "Loads that were begun."],
  trellis_cache_load_failures_total: ["loadFailures", "Loads that failed."],
  trellis_cache_evictions_total: ["evictions", "Values that made room for others."],
} as const;

const hitKinds = { fresh: "hits", stale: "staleHits", negative: "negativeHits" } as const;

/** Shows what every block says of itself. */
export function watchBlocks(metrics: InstanceMetrics, services: readonly OpenService[]): void {
  metrics.gauge("trellis_block_figure", "What a block says of itself, by the name of the figure.", () =>
    blocksOf(services).flatMap(({ labels, stats }) =>
      Object.entries(stats).map(([figure, value]) => ({ labels: { ...labels, figure }, value })),
    ),
  );
  const caches = () => blocksOf(services).filter(({ kind }) => kind === "cache");
  if (caches().length === 0) return;
  metrics.total(
    "trellis_cache_hits_total",
    "Values that were there: fresh, stale while a new one was loaded, or known not to exist. The tier says where.",
    () =>
      caches().flatMap(({ labels, stats }) =>
        Object.entries(hitKinds).map(([kind, name]) => reading({ ...labels, tier: "process", kind }, stats, name)),
      ),
  );
  for (const [name, [figure, help]] of Object.entries(cacheTotals))
    metrics.total(name, help, () => caches().map(({ labels, stats }) => reading(labels, stats, figure)));
}

function blocksOf(services: readonly OpenService[]) {
  return services.flatMap(({ service, blocks }) =>
    blocks.map(({ name, opened }) => ({
      kind: service.uses[name]?.kind,
      labels: { service: service.contract.name, block: name },
      stats: opened.stats?.() ?? {},
    })),
  );
}

function reading(labels: Reading["labels"], stats: Readonly<Record<string, number>>, name: string): Reading {
  return { labels, value: stats[name] ?? 0 };
}
