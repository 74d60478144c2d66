import { orderIds } from "../route/orders.ts";
import type { Findings, Goal, HowToRun, Measure } from "../src/harness/bench.ts";
import { interleave } from "../src/harness/interleave.ts";
import { generate, type Load, type LoadOutcome, loadGenerator, loadGeneratorNote } from "../src/harness/load.ts";
import { canPin } from "../src/harness/pinning.ts";
import { cpuSeconds } from "../src/harness/processes.ts";
import type { GatewaySide, StartGatewaySide } from "./gateway-sides.ts";
import { untilReady } from "./until-ready.ts";

const connections = 64;
const warmSeconds = 4;
const measuredSeconds = 3;
const halfSeconds = 2;

export interface GatewayBench {
  readonly sides: Readonly<Record<string, StartGatewaySide>>;
  /** Whose CPU time is compared: the gateway's alone, or also that of the app behind it. */
  readonly of: "gateway" | "gateway and instance";
  readonly goals: readonly Goal[];
  readonly notes: readonly string[];
}

interface Sample extends LoadOutcome {
  /** At half of these requests per second: the latency through the gateway less that of the app alone. Only with wrk. */
  readonly added: { readonly p50Ms: number; readonly p99Ms: number } | undefined;
  readonly gatewayCpuSeconds: number;
  readonly instanceCpuSeconds: number;
}

/** The same app behind each gateway; each run is processes of its own. */
export async function measureGateways(bench: GatewayBench, { rounds, progress }: HowToRun): Promise<Findings> {
  const samples = await interleave({ sides: bench.sides, rounds, measure: measureOnce, progress });
  const wanted = bench.goals.filter(({ ratio }) => ratio === undefined || (ratio.split("/")[1] ?? "") in bench.sides);
  return { measures: measuresOf(samples, bench.of), notes: [...bench.notes, ...notes], goals: wanted };
}

async function measureOnce(start: StartGatewaySide): Promise<Sample> {
  const side = await start();
  try {
    await untilReady(side);
    const load = {
      origin: side.origin,
      method: "GET" as const,
      paths: orderIds.map((id) => `/v1/orders/${id}`),
      connections,
    };
    await generate({ ...load, seconds: warmSeconds });
    const before = [cpuSeconds(side.gatewayPid), cpuSeconds(side.instancePid)] as const;
    const outcome = await generate({ ...load, seconds: measuredSeconds });
    const used = {
      gatewayCpuSeconds: cpuSeconds(side.gatewayPid) - before[0],
      instanceCpuSeconds: cpuSeconds(side.instancePid) - before[1],
    };
    return { ...outcome, ...used, added: await addedAtHalf(load, side, outcome) };
  } finally {
    await side.end();
  }
}

/** Each connection rests for as long as makes half of the requests per second that there were without rests. */
async function addedAtHalf(
  load: Omit<Load, "seconds">,
  { app }: GatewaySide,
  { requests, seconds }: LoadOutcome,
): Promise<Sample["added"]> {
  if (loadGenerator !== "wrk") return undefined;
  const half = { ...load, seconds: halfSeconds, restMs: (2_000 * connections * seconds) / requests };
  const through = await generate(half);
  // What asks it over frames may not have asked it over HTTP yet.
  await generate({ ...half, origin: app });
  const alone = await generate({ ...half, origin: app });
  return { p50Ms: through.p50Ms - alone.p50Ms, p99Ms: through.p99Ms - alone.p99Ms };
}

function measuresOf(
  samples: Readonly<Record<string, readonly Sample[]>>,
  whose: GatewayBench["of"],
): readonly [Measure, ...Measure[]] {
  const of = (figure: (sample: Sample) => number) =>
    Object.fromEntries(Object.entries(samples).map(([side, each]) => [side, each.map(figure)]));
  const micros = (figure: (sample: Sample) => number) => of((sample) => (figure(sample) * 1e6) / sample.requests);
  const gateway = (sample: Sample): number => sample.gatewayCpuSeconds;
  const both = (sample: Sample): number => sample.gatewayCpuSeconds + sample.instanceCpuSeconds;
  const compared = whose === "gateway" ? gateway : both;
  return [
    {
      name: `requests per second of CPU of ${whose}`,
      unit: "req/CPU-s",
      better: "higher",
      sides: of((sample) => sample.requests / compared(sample)),
    },
    { name: "gateway CPU per request", unit: "µs", better: "lower", sides: micros(gateway) },
    {
      name: "instance CPU per request",
      unit: "µs",
      better: "lower",
      sides: micros((sample) => sample.instanceCpuSeconds),
    },
    {
      name: "requests per second",
      unit: "req/s",
      better: "higher",
      sides: of(({ requests, seconds }) => requests / seconds),
    },
    { name: "latency, 99th percentile", unit: "ms", better: "lower", sides: of(({ p99Ms }) => p99Ms) },
    ...(loadGenerator === "wrk" ? addedMeasures(of) : []),
  ];
}

function addedMeasures(of: (figure: (sample: Sample) => number) => Measure["sides"]): readonly Measure[] {
  const measure = (name: string, figure: (added: NonNullable<Sample["added"]>) => number): Measure => ({
    name: `latency added at half load, ${name}`,
    unit: "ms",
    better: "lower",
    sides: of(({ added }) => (added ? figure(added) : Number.NaN)),
  });
  return [measure("median", ({ p50Ms }) => p50Ms), measure("99th percentile", ({ p99Ms }) => p99Ms)];
}

const notes = [
  "GET /v1/orders/:id of the bench `route`: the same Fastify app, with a compiled serialiser, behind each gateway",
  "CPU time is that of the processes (/proc/PID/stat, all their threads), set against the requests that were answered",
  `${loadGeneratorNote}, ${connections} connections on the loopback, ${measuredSeconds} s a run after ${warmSeconds} s of warming, each run processes of its own`,
  "half load: of each side's own requests per second, by rests between a connection's requests; added: less what the app alone takes at the same rate",
  canPin
    ? "gateway on core 0; app and load generator on core 1 (taskset)"
    : "nothing is pinned to cores: that needs `taskset` and two cores",
];
