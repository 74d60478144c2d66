import type { Bench, Findings, HowToRun } from "../src/harness/bench.ts";
import { Child } from "../src/harness/child.ts";
import { interleave } from "../src/harness/interleave.ts";
import { nodeProgram } from "../src/harness/pinning.ts";
import { type Servers, startServers } from "./servers.ts";
import { type DrainOutcome, rescueSecondsMax, type Task } from "./workload.ts";

const sides = {
  trellis: "trellis.ts",
  bullmq: "bullmq.ts",
  "graphile-worker": "graphile-worker.ts",
  "pg-boss": "pg-boss.ts",
};

interface Sample extends DrainOutcome {
  readonly rescuedSeconds: number;
}

const rescueMeasure = "a worker is killed with -9 in mid-job: until the job runs elsewhere";

export const queue: Bench = {
  name: "queue",
  line: "no-op jobs per second, time from enqueue to start, recovery when a worker is killed",
  hasPeers: true,
  packages: ["bullmq", "graphile-worker", "pg-boss"],
  run: measureQueues,
};

async function measureQueues({ rounds, progress }: HowToRun): Promise<Findings> {
  const servers = await startServers();
  try {
    const measure = (file: string): Promise<Sample> => measureOnce(file, servers);
    return findings(await interleave({ sides, rounds, measure, progress }));
  } finally {
    await servers.stop();
  }
}

function findings(samples: Readonly<Record<string, readonly Sample[]>>): Findings {
  const of = (figure: keyof Sample) =>
    Object.fromEntries(Object.entries(samples).map(([side, each]) => [side, each.map((sample) => sample[figure])]));
  return {
    measures: [
      { name: "no-op jobs worked", unit: "jobs/s", better: "higher", sides: of("jobsPerSecond") },
      { name: "jobs enqueued in bulk", unit: "jobs/s", better: "higher", sides: of("enqueuedPerSecond") },
      { name: "enqueue to start at 100/s, median", unit: "ms", better: "lower", sides: of("startMsP50") },
      { name: "enqueue to start at 100/s, 99th percentile", unit: "ms", better: "lower", sides: of("startMsP99") },
      { name: rescueMeasure, unit: "s", better: "lower", sides: of("rescuedSeconds") },
    ],
    notes: [
      "60,000 jobs are enqueued in bulk, then a worker in the same process works them: from its start until the last one has begun, or for 15 s",
      "A fresh process and an empty database for each run; PostgreSQL 18 and redis-server on the same machine, not pinned to cores",
      "trellis: an instance as `trellis start` runs it, concurrency 16, every job and its end on disk; bullmq: concurrency 100, append-only file synced every second; graphile-worker: 24 at once, local queue of 500, completions in batches; pg-boss: batches of 500, LISTEN/NOTIFY, a full batch followed by the next at once",
      `Recovery with locks of 5 s for bullmq, the length of Trellis's lease, and with the shortest heartbeat that pg-boss allows (10 s); ${rescueSecondsMax} s stand for a job that had not begun by then (graphile-worker's lock is 4 h)`,
    ],
    goals: [
      { side: "trellis", atLeast: 15_000 },
      { ratio: "trellis/bullmq", atLeast: 1 },
      { ratio: "trellis/graphile-worker", atLeast: 1 },
      { ratio: "trellis/pg-boss", atLeast: 1 },
      { measure: rescueMeasure, side: "trellis", atMost: 10 },
    ],
  };
}

async function measureOnce(file: string, servers: Servers): Promise<Sample> {
  const drained = await measureDrain(start(file, "drain", await servers.fresh()));
  return { ...drained, rescuedSeconds: await measureRescue(file, await servers.fresh()) };
}

async function measureDrain(child: Child): Promise<DrainOutcome> {
  try {
    return (await child.line("jobsPerSecond")) as unknown as DrainOutcome;
  } finally {
    await child.end();
  }
}

async function measureRescue(file: string, environment: Readonly<Record<string, string>>): Promise<number> {
  const victim = start(file, "hang", environment);
  try {
    await victim.line("begun");
    const rescuer = start(file, "rescue", environment);
    try {
      await rescuer.line("ready");
      const killedAt = Date.now();
      process.kill(victim.pid, "SIGKILL");
      const { rescuedAt } = await rescuer.line("rescuedAt");
      return rescuedAt === null ? rescueSecondsMax : (Number(rescuedAt) - killedAt) / 1_000;
    } finally {
      await rescuer.end();
    }
  } finally {
    await victim.end();
  }
}

function start(file: string, task: Task, env: Readonly<Record<string, string>>): Child {
  return new Child(nodeProgram(new URL(file, import.meta.url), task), { env });
}
