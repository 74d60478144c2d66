import type { Labels } from "../model/metrics.ts";
import { type Family, family, type Sample } from "../telemetry/family.ts";
import type { EdgeFigures, GatewayFigures, ServiceFigures, UpstreamFigures } from "./port.ts";

type Read<Of> = (figures: Of) => number | undefined;
type Row<Of> = readonly [type: "counter" | "gauge", name: string, help: string, read: Read<Of>];

const ofGateway: readonly Row<GatewayFigures>[] = [
  ["gauge", "trellis_gateway_table_version", "The version of the routing table that holds.", ({ version }) => version],
  ["gauge", "trellis_edge_bytes", "What the edge cache holds.", ({ edge }) => edge.bytes],
  ["gauge", "trellis_edge_bytes_max", "What the edge cache may hold.", ({ edge }) => edge.bytesMax],
  ["gauge", "trellis_edge_entries", "Answers in the edge cache.", ({ edge }) => edge.entries],
  [
    "counter",
    "trellis_edge_events_unlogged_total",
    "Those of these events that could not be written down.",
    ({ edge }) => edge.eventsUnlogged,
  ],
];

const ofService: readonly Row<ServiceFigures>[] = [
  ["counter", "trellis_gateway_requests_total", "Requests by service.", ({ requests }) => requests],
  ["counter", "trellis_gateway_failures_total", "Answers of 500 and more, and none.", ({ failures }) => failures],
  ["counter", "trellis_gateway_retries_total", "Tries after the first, since one failed.", ({ retries }) => retries],
  ["counter", "trellis_gateway_hits_total", "Answers from the edge cache.", ({ hits }) => hits],
  ["gauge", "trellis_gateway_pending", "Requests under way.", ({ pending }) => pending],
  ["gauge", "trellis_gateway_held", "Requests that wait for an instance.", ({ held }) => held],
];

const ofUpstream: readonly Row<UpstreamFigures>[] = [
  ["counter", "trellis_upstream_requests_total", "Requests by instance or origin.", ({ requests }) => requests],
  ["counter", "trellis_upstream_failures_total", "Failures by instance or origin.", ({ failures }) => failures],
  ["gauge", "trellis_upstream_pending", "Requests that an instance or origin has under way.", ({ pending }) => pending],
  [
    "gauge",
    "trellis_upstream_usable",
    "1 where an instance or origin is asked, 0 where not.",
    ({ usable }) => (usable ? 1 : 0),
  ],
  [
    "gauge",
    "trellis_upstream_p50_seconds",
    "Half of its answers of the last ten seconds began within this.",
    ({ p50Ms }) => seconds(p50Ms),
  ],
  [
    "gauge",
    "trellis_upstream_p99_seconds",
    "All but one of a hundred of them began within this.",
    ({ p99Ms }) => seconds(p99Ms),
  ],
];

const ofRoute: readonly Row<EdgeFigures["routes"][number]>[] = [
  ["counter", "trellis_edge_hits_total", "Answers that the edge cache gave, by route.", ({ hits }) => hits],
  [
    "counter",
    "trellis_edge_misses_total",
    "Answers for which the edge cache had to ask, by route.",
    ({ misses }) => misses,
  ],
  [
    "counter",
    "trellis_edge_stale_total",
    "Stale answers that the edge cache gave while it asked, or since it could not.",
    ({ stale }) => stale,
  ],
  [
    "counter",
    "trellis_edge_events_total",
    "Answers of the edge cache that are events of the service, by route.",
    ({ events }) => events,
  ],
];

/** What a gateway tells of itself besides what its front counts, in the form that Prometheus is given. */
export function gatewayMetrics(gateway: GatewayFigures): readonly Family[] {
  const services = gateway.services.map((of) => ({ of, labels: { service: of.service } }));
  const upstreams = gateway.upstreams.map((of) => ({ of, labels: { upstream: of.upstream } }));
  const routes = gateway.edge.routes.map((of) => ({ of, labels: { route: of.route } }));
  return [
    ...families(ofGateway, [{ of: gateway, labels: {} }]),
    ...families(ofService, services),
    ...families(ofUpstream, upstreams),
    ...families(ofRoute, routes),
  ];
}

interface Labelled<Of> {
  readonly of: Of;
  readonly labels: Labels;
}

function families<Of>(rows: readonly Row<Of>[], all: readonly Labelled<Of>[]): readonly Family[] {
  return rows.map(([type, name, help, read]) => family(type, name, help, samples(read, all)));
}

function samples<Of>(read: Read<Of>, all: readonly Labelled<Of>[]): readonly Sample[] {
  return all.flatMap(({ of, labels }) => {
    const value = read(of);
    return value === undefined ? [] : [{ value, labels }];
  });
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1_000;
}
