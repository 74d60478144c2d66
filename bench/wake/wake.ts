import { setTimeout as pause } from "node:timers/promises";
import type { Bench, Findings, HowToRun } from "../src/harness/bench.ts";
import { Child } from "../src/harness/child.ts";
import { interleave } from "../src/harness/interleave.ts";
import { nodeProgram } from "../src/harness/pinning.ts";
import { startTrellis, trellis } from "../src/harness/trellis-command.ts";
import { type TrafficApp, trafficApp } from "../traffic/trellis-app.ts";
import { untilAnswered } from "../traffic/until-answered.ts";

const burst = 1_000;
const lookEveryMs = 1_000;
/** Past the minute of silence and the half minute of grace after which a group is let go. */
const restWithinMs = 240_000;
const settings = { TRELLIS_WEB: "0..2", TRELLIS_WORKERS: "0" };

interface Burst {
  readonly answered: number;
  readonly why: Readonly<Record<string, number>>;
  /** From the first request to the first answer. */
  readonly firstMs: number;
  readonly p99Ms: number;
}

interface Wakes extends Burst {
  /** From a request that nobody else disturbs to its answer. */
  readonly aloneMs: number;
}

const aloneName = "one request alone: an instance has started";
const firstName = "first answer of the burst";
const failedName = "requests without an answer";

export const wake: Bench = {
  name: "wake",
  line: "a thousand requests at once for an app whose instances are at rest",
  hasPeers: false,
  packages: [],
  run: measureWaking,
};

async function measureWaking({ rounds, progress }: HowToRun): Promise<Findings> {
  const { trellis: bursts = [] } = await interleave({
    sides: { trellis: trafficApp },
    rounds,
    measure: wakeOnce,
    progress,
  });
  return {
    course: bursts.map(({ answered, why }) => `${answered} of ${burst} answered ${JSON.stringify(why)}`),
    measures: [
      measure("99th percentile of the burst", "s", ({ p99Ms }) => p99Ms / 1_000, bursts),
      measure(aloneName, "s", ({ aloneMs }) => aloneMs / 1_000, bursts),
      measure(firstName, "s", ({ firstMs }) => firstMs / 1_000, bursts),
      measure(failedName, "requests", ({ answered }) => burst - answered, bursts),
    ],
    notes: [
      `An app with no web instance (TRELLIS_WEB=${settings.TRELLIS_WEB}), left alone until \`trellis status\` showed none; then one request, and after another rest ${burst.toLocaleString("en")} at once, each on a connection of its own`,
      "A first answer is later than its instance is ready: it holds its start, and the way through the gateway; of the burst it shares the cores with the other requests. Nothing is pinned to a core",
    ],
    goals: [
      { side: "trellis", atMost: 3 },
      { measure: aloneName, side: "trellis", atMost: 1 },
      { measure: failedName, side: "trellis", atMost: 0 },
    ],
  };
}

function measure(name: string, unit: string, figure: (wakes: Wakes) => number, bursts: readonly Wakes[]) {
  return { name, unit, better: "lower", sides: { trellis: bursts.map(figure) } } as const;
}

async function wakeOnce(newApp: () => TrafficApp): Promise<Wakes> {
  const app = newApp();
  try {
    const started = await startTrellis({ app: app.folder, data: app.data, settings });
    try {
      const origin = `http://127.0.0.1:${new URL(started.url).port}`;
      await untilAnswered(origin);
      const alone = await afterRest(app, origin, 1);
      return { ...(await afterRest(app, origin, burst)), aloneMs: alone.firstMs };
    } finally {
      await started.end();
    }
  } finally {
    app.remove();
  }
}

async function afterRest(app: TrafficApp, origin: string, count: number): Promise<Burst> {
  const lateMs = performance.now() + restWithinMs;
  while ((await webInstances(app)) > 0) {
    if (performance.now() > lateMs)
      throw new Error(`Instances are still there after ${restWithinMs / 1_000} s of silence.`);
    await pause(lookEveryMs);
  }
  const generator = new Child(nodeProgram(new URL("burst.ts", import.meta.url), origin, String(count)));
  try {
    return (await generator.line("burst")).burst as Burst;
  } finally {
    await generator.end();
  }
}

async function webInstances({ folder, data }: TrafficApp): Promise<number> {
  const status = JSON.parse(await trellis(["status", "--json", "--data", data], folder)) as {
    readonly instances: readonly { readonly role: string }[];
  };
  return status.instances.filter(({ role }) => role === "web").length;
}
