import { setTimeout as pause } from "node:timers/promises";
import type { Bench, Findings, HowToRun } from "../src/harness/bench.ts";
import { Child } from "../src/harness/child.ts";
import { interleave } from "../src/harness/interleave.ts";
import { nodeProgram, pinned } from "../src/harness/pinning.ts";
import { memoryOf } from "../src/harness/processes.ts";
import { type StartGatewaySide, serversHere, trellisGateway } from "./gateway-sides.ts";
import { untilReady } from "./until-ready.ts";

const connections = 10_000;
const restMs = 3_000;
const megabyte = 1_000_000;

export const gatewayIdle: Bench = {
  name: "gateway-idle",
  line: "memory of the gateway with 10,000 idle keep-alive connections, beside nginx",
  hasPeers: true,
  packages: [],
  run: measureIdle,
};

async function measureIdle({ rounds, progress }: HowToRun): Promise<Findings> {
  const { nginx } = serversHere();
  const sides = { trellis: trellisGateway("frames"), ...(nginx ? { nginx } : {}) };
  const samples = await interleave({ sides, rounds, measure: weighIdle, progress });
  return {
    measures: [{ name: "memory of the gateway, RSS", unit: "MB", better: "lower", sides: samples }],
    notes: [
      `${connections.toLocaleString("en")} connections, each asked once, then ${restMs / 1_000} s of rest; the gateway's process alone`,
      "It needs as many open files in one process: ulimit -n",
    ],
    goals: [{ side: "trellis", atMost: 250 }],
  };
}

async function weighIdle(start: StartGatewaySide): Promise<number> {
  const side = await start();
  try {
    await untilReady(side);
    const port = new URL(side.origin).port;
    const program = new URL("idle-clients.ts", import.meta.url);
    const clients = new Child(pinned("generator", nodeProgram(program, port, String(connections))));
    try {
      await clients.line("idle");
      await pause(restMs);
      return memoryOf([side.gatewayPid]).rss / megabyte;
    } finally {
      await clients.end();
    }
  } finally {
    await side.end();
  }
}
