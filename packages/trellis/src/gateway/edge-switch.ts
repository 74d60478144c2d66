import type { AnswerSink, Forwarding, GatewayRequest, Hop, UpgradeSink } from "./exchange.ts";
import type { RoutingTable } from "./port.ts";

interface ServiceHits {
  /** Whether its answers may be kept, and it is not paused: those who are held are not answered from memory either. */
  readonly edge: boolean;
  hits: number;
}

export interface EdgeSwitchOptions {
  readonly edge: Hop;
  /** Where requests go whose answers are not kept. */
  readonly past: Hop;
}

/** Asks the edge cache for the services that allow it, and counts what it answers for each. */
export class EdgeSwitch implements Hop {
  readonly #edge: Hop;
  readonly #past: Hop;
  #services = new Map<string, ServiceHits>();

  constructor({ edge, past }: EdgeSwitchOptions) {
    this.#edge = edge;
    this.#past = past;
  }

  apply({ services }: Pick<RoutingTable, "services">): void {
    const before = this.#services;
    this.#services = new Map(
      services.map(({ name, edge = false, holdMs }) => [
        name,
        { edge: edge && holdMs === undefined, hits: before.get(name)?.hits ?? 0 },
      ]),
    );
  }

  hits(service: string): number {
    return this.#services.get(service)?.hits ?? 0;
  }

  forward(request: GatewayRequest, sink: AnswerSink): Forwarding {
    const service = this.#services.get(request.facts.service);
    if (service === undefined || !service.edge) return this.#past.forward(request, sink);
    const forwarding = this.#edge.forward(request, sink);
    // What is in memory is answered before the edge returns.
    if (request.facts.cache?.startsWith("hit")) service.hits += 1;
    return forwarding;
  }

  upgrade(request: GatewayRequest, sink: UpgradeSink): Forwarding {
    return this.#past.upgrade(request, sink);
  }
}
