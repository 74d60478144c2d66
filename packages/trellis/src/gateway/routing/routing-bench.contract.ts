import { silentLog } from "../../testing/silent-log.ts";
import { type TestClock, testClock } from "../../testing/test-clock.ts";
import { testRandom } from "../../testing/test-random.ts";
import type { GatewayRequest, Hop } from "../exchange.ts";
import type { PoolRule, RoutingTable, ServiceRule, UpstreamRule } from "../port.ts";
import { type Answer, Collector, gatewayRequest } from "../upstreams/ask.contract.ts";
import { openRouting } from "./open-routing.ts";
import type { Routing, RoutingReport } from "./routing.ts";
import { type Script, ScriptedUpstreams } from "./scripted-upstreams.contract.ts";

/** Routing with scripted upstreams and time in the test's hand. */
export interface RoutingBench {
  readonly clock: TestClock;
  readonly routing: Routing;
  readonly upstreams: ScriptedUpstreams;
  readonly reports: RoutingReport[];
  /** Through the claim to the service, as in a gateway without an edge. */
  readonly hop: Hop;
  ask(asked?: Partial<GatewayRequest>): Promise<Answer>;
  begin(asked?: Partial<GatewayRequest>): {
    readonly sink: Collector;
    readonly request: GatewayRequest;
    readonly forwarding: ReturnType<Hop["forward"]>;
  };
}

export function routingBench(table?: RoutingTable, script?: Script): RoutingBench {
  const clock = testClock();
  const upstreams = new ScriptedUpstreams(script);
  const reports: RoutingReport[] = [];
  const routing = openRouting({
    clock,
    stopwatch: () => clock.now(),
    random: testRandom(7),
    log: silentLog,
    upstreamFor: upstreams.make,
    onReport: (report) => reports.push(report),
    lastingMs: 20_000,
  });
  if (table) routing.apply(table);
  const hop = routing.claiming(routing.services);
  const begin = (asked: Partial<GatewayRequest> = {}) => {
    const sink = new Collector();
    const request = gatewayRequest({ startMs: clock.now(), ...asked });
    return { sink, request, forwarding: hop.forward(request, sink) };
  };
  return { clock, routing, upstreams, reports, hop, begin, ask: (asked) => begin(asked).sink.answer };
}

export const upstreamRule = (id: string, rest: Partial<UpstreamRule> = {}): UpstreamRule => ({
  id,
  address: { frames: `/run/${id}.sock` },
  ...rest,
});

/** A table with the one service `a` for all hosts, and its pool. */
export function tableOf(
  upstreams: readonly (string | UpstreamRule)[],
  service: Partial<ServiceRule> = {},
  pool: Partial<PoolRule> = {},
  version = 1,
): RoutingTable {
  return {
    version,
    hosts: [{ host: "*", service: "a" }],
    services: [{ name: "a", pool: "web", ...service }],
    pools: [
      { name: "web", upstreams: upstreams.map((one) => (typeof one === "string" ? upstreamRule(one) : one)), ...pool },
    ],
  };
}
