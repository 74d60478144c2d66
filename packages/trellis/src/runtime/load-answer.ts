import { performance } from "node:perf_hooks";
import type { WireAnswer } from "../blocks/http/port.ts";
import type { OwnAnswer } from "../blocks/http/server/own-answer.ts";
import { TrellisError } from "../model/errors.ts";
import type { InstanceMetrics } from "../telemetry/instance-metrics.ts";

interface Parts {
  readonly requests: () => Readonly<Record<"inFlight" | "lasting" | "begun", number>>;
  readonly metrics: InstanceMetrics | undefined;
}

const poolWaits = "trellis_database_pool_wait_seconds";

/**
 * `/loadz`, at this instance's own port only: what its supervisor looks at once a second. Sums since the start, so that
 * several may look; numbers that are there anyway, so that looking costs nothing.
 */
export function loadAnswer({ requests, metrics }: Parts): OwnAnswer {
  return {
    path: "/loadz",
    answer: async ({ ownPort }) => {
      if (!ownPort) throw new TrellisError("unknown-route");
      const { active, idle } = performance.eventLoopUtilization();
      const { inFlight, lasting, begun } = requests();
      const { bounds, counts } = metrics?.counted(poolWaits) ?? { bounds: [], counts: [] };
      return answer({
        loopActiveMs: active,
        loopIdleMs: idle,
        // What goes on as long as somebody listens keeps an instance from rest, and is no work.
        inFlight: inFlight - lasting,
        lasting,
        begun,
        poolWaits: { boundsMs: bounds.map((seconds) => seconds * 1_000), counts },
      });
    },
  };
}

function answer(load: object): WireAnswer {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  return { status: 200, headers, body: JSON.stringify(load) };
}
