import type { Metrics } from "../../../model/metrics.ts";
import type { QueueOverview } from "../port.ts";

/** Figures of all instances, read from the database; one reading serves all that are looked at together. */
export function watchDepth(metrics: Metrics, look: () => Promise<readonly QueueOverview[]>): void {
  let looking: Promise<readonly QueueOverview[]> | undefined;
  const shared = (): Promise<readonly QueueOverview[]> => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  metrics.gauge("trellis_queue_depth", "Jobs that have not finished, and dead ones, in all instances", async () =>
    (await shared()).flatMap(({ queue, counts, delayed }) => [
      { labels: { queue, state: "waiting" }, value: counts.waiting - delayed },
      { labels: { queue, state: "delayed" }, value: delayed },
      { labels: { queue, state: "running" }, value: counts.running },
      { labels: { queue, state: "dead" }, value: counts.dead },
    ]),
  );
  metrics.gauge("trellis_queue_oldest_age_seconds", "How long the oldest job that could start has waited", async () =>
    (await shared()).map(({ queue, oldestAgeMs }) => ({ labels: { queue }, value: oldestAgeMs / 1_000 })),
  );
}
