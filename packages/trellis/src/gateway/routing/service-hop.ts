import type { AnswerSink, Forwarding, GatewayRequest, Hop, UpgradeSink } from "../exchange.ts";
import type { Surroundings } from "../pools/deadline-watch.ts";
import { Passage } from "../pools/passage.ts";
import type { Service } from "../pools/service.ts";
import { notForwarded, unknownHost } from "./refusals.ts";

/** Passes a claimed request on to its service. */
export class ServiceHop implements Hop {
  readonly #surroundings: Surroundings;
  readonly #service: (name: string) => Service | undefined;

  constructor(surroundings: Surroundings, service: (name: string) => Service | undefined) {
    this.#surroundings = surroundings;
    this.#service = service;
  }

  forward(request: GatewayRequest, sink: AnswerSink): Forwarding {
    return this.#pass(request, sink, undefined);
  }

  upgrade(request: GatewayRequest, sink: UpgradeSink): Forwarding {
    return this.#pass(request, sink, sink);
  }

  #pass(request: GatewayRequest, sink: AnswerSink, upgradeSink: UpgradeSink | undefined): Forwarding {
    const service = this.#service(request.facts.service);
    if (!service) {
      // It was claimed under another table.
      sink.fail(unknownHost);
      return notForwarded;
    }
    const passage = new Passage(this.#surroundings, service, request, sink, upgradeSink);
    passage.begin();
    return passage;
  }
}
