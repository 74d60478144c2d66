import type { Clock } from "../../model/clock.ts";
import type { AnswerSink, Forwarding, GatewayRequest, Hop, UpgradeSink } from "../exchange.ts";
import { CompressingSink } from "./compressing-sink.ts";

/**
 * Compresses what the origin left as it was. It belongs between the edge cache and the services, so that what is kept
 * is compressed once, and not for each client anew.
 */
export function compressingHop(next: Hop, clock: Clock): Hop {
  return {
    forward(request: GatewayRequest, sink: AnswerSink): Forwarding {
      const compressing = new CompressingSink(request, sink, clock);
      compressing.forwarding = next.forward(request, compressing);
      return compressing;
    },
    upgrade: (request: GatewayRequest, sink: UpgradeSink) => next.upgrade(request, sink),
  };
}
