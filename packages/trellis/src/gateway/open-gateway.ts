import type { Clock, Random, Stopwatch } from "../model/clock.ts";
import type { Log } from "../model/log.ts";
import type { Purge } from "../model/purge.ts";
import type { Settings } from "../model/settings.ts";
import type { Family } from "../telemetry/family.ts";
import type { InstanceMetrics } from "../telemetry/instance-metrics.ts";
import { compressingHop } from "./compression/compressing-hop.ts";
import type { Edge } from "./edge/edge.ts";
import type { EdgeEvents } from "./edge/events/edge-events.ts";
import { openEdgeEvents } from "./edge/events/open-edge-events.ts";
import { openEdge } from "./edge/open-edge.ts";
import { EdgeSwitch } from "./edge-switch.ts";
import type { Upstream } from "./exchange.ts";
import { openFront } from "./front/open-front.ts";
import type { Front, FrontOptions, ListenOptions } from "./front/port.ts";
import { gatewayMetrics } from "./gateway-metrics.ts";
import { GatewayTalk } from "./gateway-talk.ts";
import { RateLimits } from "./limits/rate-limits.ts";
import type { EdgeFigures, GatewayFigures, RoutingTable, UpstreamRule } from "./port.ts";
import { openRouting } from "./routing/open-routing.ts";
import type { Routing, RoutingReport } from "./routing/routing.ts";
import { FramesUpstream } from "./upstreams/frames-upstream.ts";
import { openHttpUpstream } from "./upstreams/open-http-upstream.ts";

export interface GatewayOptions extends Pick<FrontOptions, "accessLog" | "wellKnown" | "tls"> {
  readonly name: string;
  readonly settings: FrontOptions["settings"] & Pick<Settings, "edgeBytesMax" | "spoolBytesMax" | "drainTimeoutMs">;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly random: Random;
  readonly log: Log;
  /** Where it counts what Prometheus is told, labelled with its name. Without it nothing is. */
  readonly metrics?: InstanceMetrics;
  readonly onReport: (report: RoutingReport) => void;
  /** The app's data folder, where events of the edge cache are written down. Without it none are. */
  readonly data?: string;
  /** Other gateways share its rate limits. */
  readonly sharesLimits: boolean;
}

/** One process's front door: from a client's connection to the instance or origin that answers. */
export interface Gateway {
  readonly front: Front;
  readonly limits: RateLimits;
  /** As often as there are ports, after the first `apply`. */
  listen(options: ListenOptions): Promise<number>;
  /** Where requests go from now on. Throws `invalid-routing`; then nothing has changed. */
  apply(table: RoutingTable): void;
  /** Returns how many answers were taken out of the edge cache. */
  purge(purge: Purge): number;
  figures(): GatewayFigures;
  /** The same and what the front counts, for Prometheus; nothing where nothing is measured. */
  look(): Promise<readonly Family[]>;
  /**
   * Takes no more connections, and answers what has begun, for `hardMs` at most. Returns how many connections it cut.
   * `onAnswered` is told when nothing is left but what has no end of its own, if that comes to be.
   */
  drain(hardMs: number, onAnswered?: () => void): Promise<number>;
  close(): Promise<void>;
}

/** Front, claim, rate limits, edge cache, compression, services: each request goes this way. */
export function openGateway(options: GatewayOptions): Gateway {
  const { clock, stopwatch, random, log, settings, onReport } = options;
  // What they name is opened further below, before any instance is asked.
  const talk = new GatewayTalk({
    purge: (purge) => void edge?.purge(purge),
    figures: async () => JSON.stringify({ instance: options.name, families: await gateway.look() }),
  });
  const upstreamFor = makeUpstreams(clock, talk);
  const routing = openRouting({
    clock,
    stopwatch,
    random,
    log,
    upstreamFor,
    onReport,
    lastingMs: settings.drainTimeoutMs,
  });
  const services = compressingHop(routing.services, clock);
  const { edgeBytesMax: bytesMax, spoolBytesMax } = settings;
  const { name, data, metrics } = options;
  const events =
    data === undefined || bytesMax === 0
      ? undefined
      : openEdgeEvents({ name, folder: data, bytesMax: spoolBytesMax, clock, log });
  const edge = bytesMax > 0 ? openEdge({ next: services, clock, bytesMax, events }) : undefined;
  const edgeSwitch = new EdgeSwitch({ edge: edge?.hop ?? services, past: services });
  const limits = new RateLimits({ next: edgeSwitch, clock, shared: options.sharesLimits });
  const front = openFront({ ...options, hop: routing.claiming(limits) });
  const gateway = new OpenGateway({ name, front, routing, limits, edgeSwitch, edge, events, metrics });
  metrics?.also(async () => gatewayMetrics(gateway.figures()));
  return gateway;
}

interface Parts {
  readonly name: string;
  readonly front: Front;
  readonly routing: Routing;
  readonly limits: RateLimits;
  readonly edgeSwitch: EdgeSwitch;
  readonly edge: Edge | undefined;
  readonly events: EdgeEvents | undefined;
  readonly metrics: InstanceMetrics | undefined;
}

const noEdge: EdgeFigures = { entries: 0, bytes: 0, bytesMax: 0, routes: [], eventsUnlogged: 0 };

class OpenGateway implements Gateway {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get front(): Front {
    return this.#parts.front;
  }

  get limits(): RateLimits {
    return this.#parts.limits;
  }

  listen(options: ListenOptions): Promise<number> {
    return this.#parts.front.listen(options);
  }

  apply(table: RoutingTable): void {
    const { routing, limits, edgeSwitch } = this.#parts;
    // Refused here, before anything of it holds.
    routing.apply(table);
    limits.apply(table);
    edgeSwitch.apply(table);
  }

  purge(purge: Purge): number {
    return this.#parts.edge?.purge(purge) ?? 0;
  }

  figures(): GatewayFigures {
    const { name, front, routing, edge, edgeSwitch } = this.#parts;
    const { version, services, upstreams } = routing.figures();
    return {
      name,
      version,
      connections: front.figures().connections,
      services: services.map((service) => ({ ...service, hits: edgeSwitch.hits(service.service) })),
      upstreams,
      edge: edge?.figures() ?? noEdge,
    };
  }

  async look(): Promise<readonly Family[]> {
    return (await this.#parts.metrics?.look()) ?? [];
  }

  async drain(hardMs: number, onAnswered?: () => void): Promise<number> {
    const cut = await this.#parts.front.drain({ hardMs, ...(onAnswered ? { onAnswered } : {}) });
    await this.#parts.events?.close();
    return cut;
  }

  async close(): Promise<void> {
    await this.#parts.front.close();
    await this.#parts.events?.close();
    this.#parts.routing.close();
  }
}

function makeUpstreams(clock: Clock, instances: GatewayTalk): (rule: UpstreamRule) => Upstream {
  return ({ address }) =>
    "frames" in address ? new FramesUpstream(address.frames, { clock, instances }) : openHttpUpstream({ address });
}
