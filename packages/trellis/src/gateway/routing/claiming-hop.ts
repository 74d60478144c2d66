import type { AnswerSink, Forwarding, GatewayRequest, Hop, UpgradeSink, UpstreamFailure } from "../exchange.ts";
import type { Service } from "../pools/service.ts";
import { notForwarded, unknownHost } from "./refusals.ts";

/** Finds the service of a request, and passes the request on to the next hop unless the service is closed. */
export class ClaimingHop implements Hop {
  readonly #find: (request: GatewayRequest) => Service | undefined;
  readonly #next: Hop;

  constructor(find: (request: GatewayRequest) => Service | undefined, next: Hop) {
    this.#find = find;
    this.#next = next;
  }

  forward(request: GatewayRequest, sink: AnswerSink): Forwarding {
    const refusal = this.#claim(request);
    if (refusal === undefined) return this.#next.forward(request, sink);
    sink.fail(refusal);
    return notForwarded;
  }

  upgrade(request: GatewayRequest, sink: UpgradeSink): Forwarding {
    const refusal = this.#claim(request);
    if (refusal === undefined) return this.#next.upgrade(request, sink);
    sink.fail(refusal);
    return notForwarded;
  }

  #claim(request: GatewayRequest): UpstreamFailure | undefined {
    const service = this.#find(request);
    if (service === undefined) return unknownHost;
    request.facts.service = service.name;
    service.requests += 1;
    const { maintenance } = service.rule;
    if (maintenance === undefined) return undefined;
    service.failures += 1;
    return { reason: "maintenance", says: maintenance };
  }
}
