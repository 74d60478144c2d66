import type { GatewayFigures } from "../gateway/port.ts";
import type { Labels } from "../model/metrics.ts";
import { type Family, family, type Sample } from "../telemetry/family.ts";

/** What gateways tell of themselves, in the form that Prometheus is given. Each value names its gateway. */
export function gatewayMetrics(gateways: readonly GatewayFigures[]): readonly Family[] {
  const each = (samples: (figures: GatewayFigures) => readonly Sample[]): readonly Sample[] =>
    gateways.flatMap((figures) =>
      samples(figures).map(({ value, labels }) => ({ value, labels: { gateway: figures.name, ...labels } })),
    );
  const services = (read: (service: GatewayFigures["services"][number]) => number) =>
    each(({ services }) => services.map((service) => sample(read(service), { service: service.service })));
  const upstreams = (read: (upstream: GatewayFigures["upstreams"][number]) => number | undefined) =>
    each(({ upstreams }) =>
      upstreams.flatMap((upstream) => {
        const value = read(upstream);
        return value === undefined ? [] : [sample(value, { upstream: upstream.upstream })];
      }),
    );
  return [
    family(
      "gauge",
      "trellis_gateway_connections",
      "Connections of clients.",
      each(({ connections }) => [sample(connections)]),
    ),
    family(
      "gauge",
      "trellis_gateway_table_version",
      "Which routing table holds.",
      each(({ version }) => [sample(version)]),
    ),
    family(
      "counter",
      "trellis_gateway_requests_total",
      "Requests by service.",
      services(({ requests }) => requests),
    ),
    family(
      "counter",
      "trellis_gateway_failures_total",
      "Answers of 500 and more, and none.",
      services(({ failures }) => failures),
    ),
    family(
      "counter",
      "trellis_gateway_hits_total",
      "Answers from the edge cache.",
      services(({ hits }) => hits),
    ),
    family(
      "gauge",
      "trellis_gateway_pending",
      "Requests under way.",
      services(({ pending }) => pending),
    ),
    family(
      "gauge",
      "trellis_gateway_held",
      "Requests that wait for an instance.",
      services(({ held }) => held),
    ),
    family(
      "counter",
      "trellis_upstream_requests_total",
      "Requests by instance or origin.",
      upstreams(({ requests }) => requests),
    ),
    family(
      "counter",
      "trellis_upstream_failures_total",
      "Its failures.",
      upstreams(({ failures }) => failures),
    ),
    family(
      "gauge",
      "trellis_upstream_pending",
      "Requests that it has.",
      upstreams(({ pending }) => pending),
    ),
    family(
      "gauge",
      "trellis_upstream_usable",
      "1 where it is asked, 0 where it is not.",
      upstreams(({ usable }) => (usable ? 1 : 0)),
    ),
    family(
      "gauge",
      "trellis_upstream_p99_seconds",
      "Of the last ten seconds.",
      upstreams(({ p99Ms }) => p99Ms && p99Ms / 1_000),
    ),
    family(
      "gauge",
      "trellis_edge_bytes",
      "What the edge cache holds.",
      each(({ edge }) => [sample(edge.bytes)]),
    ),
    family(
      "gauge",
      "trellis_edge_entries",
      "Answers in the edge cache.",
      each(({ edge }) => [sample(edge.entries)]),
    ),
  ];
}

function sample(value: number, labels: Labels = {}): Sample {
  return { value, labels };
}
