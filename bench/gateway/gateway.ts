import type { Bench } from "../src/harness/bench.ts";
import { nodeProxy, serversHere, trellisGateway } from "./gateway-sides.ts";
import { measureGateways } from "./measure-gateway.ts";

const packages = ["fastify", "http-proxy", "fast-proxy"];

const peers = {
  ...serversHere(),
  "http-proxy": nodeProxy("http-proxy.ts"),
  "fast-proxy": nodeProxy("fast-proxy.ts"),
};

const commonNotes = [
  "trellis: one gateway process as it comes: edge cache asked (nothing here may be kept), balancing, health, deadlines, request ids, server-timing",
  "nginx: one process, connections to the app kept; haproxy: one thread, connections kept and shared; http-proxy: node's Agent with keep-alive; fast-proxy: as it comes. nginx and haproxy only where they are installed",
];

export const gateway: Bench = {
  name: "gateway",
  line: "CPU of gateway and app together for a proxied request, beside nginx, HAProxy, http-proxy and fast-proxy",
  hasPeers: true,
  packages,
  run: (how) =>
    measureGateways(
      {
        sides: { trellis: trellisGateway("frames"), ...peers },
        of: "gateway and instance",
        goals: [
          { ratio: "trellis/nginx", atLeast: 0.95 },
          { ratio: "trellis/fast-proxy", atLeast: 1.8 },
          { ratio: "trellis/http-proxy", atLeast: 2 },
        ],
        notes: ["Trellis asks the app over frames, as it asks its own instances; the others over HTTP", ...commonNotes],
      },
      how,
    ),
};

export const gatewayHttp: Bench = {
  name: "gateway-http",
  line: "CPU of the gateway for a request to somebody else's HTTP origin, beside the same",
  hasPeers: true,
  packages,
  run: (how) =>
    measureGateways(
      {
        sides: { trellis: trellisGateway("http"), ...peers },
        of: "gateway",
        goals: [
          { ratio: "trellis/nginx", atLeast: 0.22 },
          { ratio: "trellis/fast-proxy", atLeast: 1 },
        ],
        notes: ["All ask the app over HTTP", ...commonNotes],
      },
      how,
    ),
};
