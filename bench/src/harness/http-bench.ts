import type { Findings, Goal, HowToRun, Measure } from "./bench.ts";
import type { HttpSide } from "./http-side.ts";
import { interleave } from "./interleave.ts";
import { generate, type Load, type LoadOutcome, loadGeneratorNote } from "./load.ts";
import { pinningNote } from "./pinning.ts";
import { cpuSeconds } from "./processes.ts";

const connections = 32;
/** Past what a process still does after its start, such as keeping its compiled code (3 s after it is ready). */
const warmSeconds = 4;
const measuredSeconds = 3;

export interface HttpBench {
  readonly sides: Readonly<Record<string, () => Promise<HttpSide>>>;
  readonly load: Pick<Load, "body" | "headers" | "method" | "paths">;
  /** Throws where a side does not answer as it should: only equal work is compared. */
  readonly check: (origin: string, side: string) => Promise<void>;
  readonly goals: readonly Goal[];
  readonly notes: readonly string[];
}

interface Sample extends LoadOutcome {
  readonly serverCpuSeconds: number;
}

/**
 * Each run is a process of its own: how well one and the same program is compiled differs by a third from one start to
 * the next, which rounds in one process would not show.
 */
export async function measureHttp(bench: HttpBench, { rounds, progress }: HowToRun): Promise<Findings> {
  const measure = (start: () => Promise<HttpSide>, name: string) => measureOnce(bench, start, name);
  const samples = await interleave({ sides: bench.sides, rounds, measure, progress });
  return { measures: measuresOf(samples), notes: [...bench.notes, ...notes], goals: bench.goals };
}

/** Starts a side, checks that it answers as all do, warms it, then loads it. */
async function measureOnce(bench: HttpBench, start: () => Promise<HttpSide>, name: string): Promise<Sample> {
  const side = await start();
  try {
    const { origin, pid } = side;
    await bench.check(origin, name);
    await generate({ ...bench.load, origin, connections, seconds: warmSeconds });
    const before = cpuSeconds(pid);
    const outcome = await generate({ ...bench.load, origin, connections, seconds: measuredSeconds });
    return { ...outcome, serverCpuSeconds: cpuSeconds(pid) - before };
  } finally {
    await side.end();
  }
}

function measuresOf(samples: Readonly<Record<string, readonly Sample[]>>): readonly [Measure, ...Measure[]] {
  const of = (figure: (sample: Sample) => number) =>
    Object.fromEntries(Object.entries(samples).map(([side, each]) => [side, each.map(figure)]));
  return [
    {
      name: "requests per second of server CPU",
      unit: "req/CPU-s",
      better: "higher",
      sides: of(({ requests, serverCpuSeconds }) => requests / serverCpuSeconds),
    },
    {
      name: "server CPU per request",
      unit: "µs",
      better: "lower",
      sides: of(({ requests, serverCpuSeconds }) => (serverCpuSeconds * 1e6) / requests),
    },
    {
      name: "requests per second",
      unit: "req/s",
      better: "higher",
      sides: of(({ requests, seconds }) => requests / seconds),
    },
    { name: "latency, 99th percentile", unit: "ms", better: "lower", sides: of(({ p99Ms }) => p99Ms) },
  ];
}

const notes = [
  "The metric is requests per second of CPU time that the server's process used (/proc/PID/stat, all its threads): on a shared machine others take time from a core, which changes requests per second but not what a request costs",
  `${loadGeneratorNote}, ${connections} connections on the loopback, ${measuredSeconds} s a run after ${warmSeconds} s of warming, each run a process of its own`,
  pinningNote,
];
