import type { Metrics, Reading } from "../../../model/metrics.ts";
import type { LogOverview } from "../port.ts";
import { streamLabel } from "./log-parts.ts";

/** Figures of the whole app's streams, read from the tables when somebody looks. */
export function watchStreams(metrics: Metrics, read: () => Promise<readonly LogOverview[]>): void {
  let reading: Promise<readonly LogOverview[]> | undefined;
  // Whoever looks asks for all of them at once: the tables are read once for that.
  const overview = () => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const ofGroups = (read: (group: LogOverview["groups"][number]) => number) => async (): Promise<readonly Reading[]> =>
    (await overview()).flatMap((stream) =>
      stream.groups.map((group) => ({
        labels: { stream: streamLabel(stream), group: group.group },
        value: read(group),
      })),
    );
  metrics.gauge(
    "trellis_stream_lag_events",
    "Events in a stream that a group has not handled",
    ofGroups(({ lag }) => lag),
  );
  metrics.gauge(
    "trellis_stream_lag_seconds",
    "How long the oldest of them has been waiting",
    ofGroups(({ oldestAgeMs }) => oldestAgeMs / 1_000),
  );
  metrics.gauge(
    "trellis_stream_set_aside",
    "Events that a group has given up and somebody should look at",
    ofGroups(({ setAside }) => setAside),
  );
  metrics.gauge("trellis_stream_outbox", "Committed events on their way from the outbox into a stream", async () =>
    (await overview()).map((stream) => ({ labels: { stream: streamLabel(stream) }, value: stream.outbox })),
  );
}
