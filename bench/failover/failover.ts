import { setTimeout as pause } from "node:timers/promises";
import type { Bench, Findings, HowToRun } from "../src/harness/bench.ts";
import { hasProgram } from "../src/harness/has-program.ts";
import { interleave } from "../src/harness/interleave.ts";
import { startTraffic } from "../traffic/start-traffic.ts";
import type { TrafficOutcome } from "../traffic/traffic-words.ts";
import { startBalancedHaproxy, startBalancedNginx } from "./balanced-peers.ts";
import type { BalancedSide } from "./balanced-side.ts";
import { startBalancedTrellis, startTwoGateways } from "./balanced-trellis.ts";

const instances = 3;
const perSecond = 1_500;
const callers = { kept: 32, fresh: 8 };
const idleConnections = 200;
const beforeMs = 2_000;
const afterMs = 4_000;

const cutName = "a gateway is killed: connections cut that another one has";
const ownName = "a gateway is killed: connections that it has";

export const failover: Bench = {
  name: "failover",
  line: "requests that fail when an instance is killed, beside nginx and HAProxy; connections cut when a gateway is",
  hasPeers: true,
  packages: ["fastify"],
  run: measureFailover,
};

async function measureFailover({ rounds, progress }: HowToRun): Promise<Findings> {
  const sides = {
    trellis: startBalancedTrellis,
    ...(hasProgram("nginx") ? { nginx: startBalancedNginx } : {}),
    ...(hasProgram("haproxy") ? { haproxy: startBalancedHaproxy } : {}),
  };
  const samples = await interleave({ sides, rounds, measure: killInstance, progress });
  const { trellis: gateways } = await interleave({
    sides: { trellis: startTwoGateways },
    rounds,
    measure: killGateway,
    progress: (says) => progress(`${says}, a gateway`),
  });
  const of = (figure: (sample: TrafficOutcome) => number) =>
    Object.fromEntries(Object.entries(samples).map(([side, each]) => [side, each.map(figure)]));
  return {
    course: Object.entries(samples).flatMap(([side, each]) => each.map((outcome) => courseOf(side, outcome))),
    measures: [
      { name: "failed requests", unit: "requests", better: "lower", sides: of(({ failed }) => failed) },
      { name: "requests", unit: "requests", better: "higher", sides: of(({ requests }) => requests) },
      { name: "longest", unit: "ms", better: "lower", sides: of(({ maxMs }) => maxMs) },
      {
        name: cutName,
        unit: "connections",
        better: "lower",
        sides: { trellis: (gateways ?? []).map(({ foreign }) => foreign) },
      },
      {
        name: ownName,
        unit: "connections",
        better: "lower",
        sides: { trellis: (gateways ?? []).map(({ own }) => own) },
      },
    ],
    notes,
    goals: [
      { side: "trellis", atMost: 0 },
      { measure: cutName, side: "trellis", atMost: 0 },
    ],
  };
}

const notes = [
  `${instances} instances of an app; kill -9 of one under ${perSecond.toLocaleString("en")} GET requests a second, by ${callers.kept} callers that keep their connection and ${callers.fresh} that open one for each request; nobody asks twice`,
  "nginx asks the next server where one fails, as it does unless told otherwise; haproxy is told to repeat what was not answered (retry-on conn-failure empty-response) and to check its servers every 2 s. Only Trellis starts the instance again",
  `A gateway: one of two that share the port is killed, with ${idleConnections} more connections that ask twice a second; which process has which is read from /proc`,
  "Nothing is pinned to a core but the generator, a program of node's",
];

async function killInstance(start: () => Promise<BalancedSide>): Promise<TrafficOutcome> {
  const side = await start();
  try {
    const traffic = await startTraffic({ origin: side.origin, perSecond, callers });
    try {
      await pause(beforeMs);
      side.killOne();
      await pause(afterMs);
      return await traffic.finish();
    } finally {
      await traffic.end();
    }
  } finally {
    await side.end();
  }
}

async function killGateway(
  start: typeof startTwoGateways,
): Promise<{ readonly own: number; readonly foreign: number }> {
  const side = await start();
  try {
    const kinds = { kept: callers.kept, idle: idleConnections };
    const traffic = await startTraffic({ origin: side.origin, perSecond, callers: kinds });
    try {
      await pause(beforeMs);
      const own = await side.killGateway();
      await pause(afterMs);
      const { cutPorts } = await traffic.finish();
      return { own: own.size, foreign: cutPorts.filter((port) => !own.has(port)).length };
    } finally {
      await traffic.end();
    }
  } finally {
    await side.end();
  }
}

function courseOf(side: string, { requests, failed, why }: TrafficOutcome): string {
  const reasons = Object.entries(why).map(([says, count]) => `; ${count} × ${says}`);
  return `${side}: ${failed} of ${requests.toLocaleString("en")} failed${reasons.join("")}`;
}
