import { balance } from "./balance/balance.ts";
import { cache } from "./cache/cache.ts";
import { clicks } from "./clicks/clicks.ts";
import { edge } from "./edge/edge.ts";
import { edgeEvents } from "./edge/edge-events.ts";
import { failover } from "./failover/failover.ts";
import { gateway, gatewayHttp } from "./gateway/gateway.ts";
import { gatewayIdle } from "./gateway/gateway-idle.ts";
import { memory } from "./memory/memory.ts";
import { redirectMemory } from "./memory/redirect-memory.ts";
import { queue } from "./queue/queue.ts";
import { redirect } from "./redirect/redirect.ts";
import { release } from "./release/release.ts";
import { route } from "./route/route.ts";
import { routePost } from "./route/route-post.ts";
import { scaling } from "./scaling/scaling.ts";
import type { Bench } from "./src/harness/bench.ts";
import { start } from "./start/start.ts";
import { stream } from "./stream/stream.ts";
import { telemetry } from "./telemetry/telemetry.ts";
import { types } from "./types/types.ts";
import { wake } from "./wake/wake.ts";

/** All there are, in the order in which they are listed. */
export const benches: readonly Bench[] = [
  redirect,
  clicks,
  route,
  routePost,
  cache,
  types,
  start,
  memory,
  redirectMemory,
  telemetry,
  queue,
  stream,
  gateway,
  gatewayHttp,
  gatewayIdle,
  edge,
  edgeEvents,
  release,
  failover,
  wake,
  balance,
  scaling,
];
