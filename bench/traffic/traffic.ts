// usage: node traffic.ts TRAFFIC (as JSON). Says how far it is as it goes; SIGUSR2 lets it finish and say what came of it.
import { setTimeout as pause } from "node:timers/promises";
import { type Asked, Caller } from "./caller.ts";
import { SocketCaller } from "./socket-caller.ts";
import { type CallerKind, idleMs, lastEvent, paths, type Traffic, type TrafficOutcome } from "./traffic-words.ts";

const sayEveryMs = 250;
const traffic = JSON.parse(process.argv[2] ?? "") as Traffic;
const latenciesMs: number[] = [];
const socketLatenciesMs: number[] = [];
const why: Record<string, number> = {};
const cutPorts: number[] = [];
const beganMs = performance.now();
let requests = 0;
let failed = 0;
let jobs = 0;
let reopened = 0;
let nextMs = beganMs;
let finishing = false;

const newJob: Asked = { method: "POST", path: paths.jobs, body: "{}" };

/** How each kind asks, how long it waits before, and where it is written down how long its answers took. */
const manners: Readonly<Record<CallerKind, Manner>> = {
  kept: { open: () => overHttp(get(paths.quick), { keeps: true }), wait: paced, latencies: latenciesMs },
  fresh: { open: () => overHttp(get(paths.quick), { keeps: false }), wait: paced, latencies: latenciesMs },
  slow: { open: () => overHttp(get(paths.slow), { keeps: true }) },
  events: { open: () => overHttp(get(paths.events), { keeps: false, holds: lastEvent }) },
  sockets: { open: overSocket, wait: paced, latencies: socketLatenciesMs },
  jobs: { open: () => overHttp(newJob, { keeps: true }), wait: paced },
  idle: { open: () => overHttp(get(paths.quick), { keeps: true }), wait: () => pause(idleMs) },
};

interface Manner {
  readonly open: () => Asking;
  readonly wait?: () => Promise<void>;
  readonly latencies?: number[];
}

/** A caller that always asks for the same. */
interface Asking {
  /** Resolves when the answer has come and is what it must be. */
  ask(): Promise<void>;
  leave(): void;
}

const callers = Object.entries(traffic.callers).flatMap(([kind, count]) =>
  Array.from({ length: count }, () => call(kind as CallerKind)),
);
const saying = setInterval(() => console.log(JSON.stringify({ sofar: requests })), sayEveryMs);
process.on("SIGUSR2", () => void finish());

async function call(kind: CallerKind): Promise<void> {
  const { open, wait, latencies } = manners[kind];
  const caller = open();
  while (!finishing) {
    await wait?.();
    const sentMs = performance.now();
    try {
      await caller.ask();
      if (kind === "jobs") jobs += 1;
    } catch (error) {
      failed += 1;
      const says = `${kind}: ${error instanceof Error ? error.message : String(error)}`;
      why[says] = (why[says] ?? 0) + 1;
      // Where nobody listens a caller does not ask ten thousand times a second.
      await pause(1);
    }
    requests += 1;
    latencies?.push(performance.now() - sentMs);
  }
  caller.leave();
}

/** Waits for its turn: turns are evenly spaced, and what is late is not made up for. */
async function paced(): Promise<void> {
  const nowMs = performance.now();
  nextMs = Math.max(nextMs, nowMs) + 1_000 / traffic.perSecond;
  if (nextMs - nowMs >= 1) await pause(nextMs - nowMs);
}

function overHttp(asked: Asked, { keeps, holds = "" }: { readonly keeps: boolean; readonly holds?: string }): Asking {
  const caller = new Caller(traffic.origin, keeps, (port) => {
    if (!finishing && keeps) cutPorts.push(port);
  });
  return {
    async ask() {
      const body = await caller.ask(asked);
      if (!body.includes(holds)) throw new Error("an answer is not whole");
    },
    leave: () => caller.leave(),
  };
}

function overSocket(): Asking {
  return new SocketCaller(traffic.origin, paths.echo, () => {
    reopened += 1;
  });
}

function get(path: string): Asked {
  return { method: "GET", path };
}

async function finish(): Promise<void> {
  finishing = true;
  clearInterval(saying);
  const seconds = (performance.now() - beganMs) / 1_000;
  await Promise.all(callers);
  latenciesMs.sort((a, b) => a - b);
  const percentile = (share: number): number => latenciesMs[Math.floor(share * (latenciesMs.length - 1))] ?? 0;
  const [p50Ms, p99Ms, maxMs] = [percentile(0.5), percentile(0.99), percentile(1)];
  const socketMaxMs = socketLatenciesMs.reduce((longest, each) => Math.max(longest, each), 0);
  const sockets = { reopened, socketMaxMs };
  const outcome: TrafficOutcome = { seconds, requests, failed, jobs, why, p50Ms, p99Ms, maxMs, ...sockets, cutPorts };
  console.log(JSON.stringify({ outcome }));
}
