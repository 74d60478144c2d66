import { setTimeout as wait } from "node:timers/promises";
import type { Bench, Findings, HowToRun, Measure } from "../src/harness/bench.ts";
import { interleave } from "../src/harness/interleave.ts";
import { commandOf, memoryOf, processTree } from "../src/harness/processes.ts";
import { newDataFolder, repositoryApp, type StartedTrellis, startTrellis } from "../src/harness/trellis-command.ts";

const idleMs = 5_000;
const megabyte = 1_000_000;

/** In MB, shared pages counted once (PSS), by what the process is; `rss` counts them for each process. */
type Megabytes = Readonly<Record<"trellis" | "postgres" | "supervisor" | "web" | "worker" | "rss", number>>;

export const memory: Bench = {
  name: "memory",
  line: "memory of the whole system at rest: PostgreSQL, supervisor, two web instances, one worker",
  hasPeers: false,
  packages: [],
  run: measureMemory,
};

async function measureMemory({ rounds, progress }: HowToRun): Promise<Findings> {
  const samples = await interleave({ sides: { trellis: measureOnce }, rounds, measure: (side) => side(), progress });
  const of = (part: keyof Megabytes): readonly number[] => (samples.trellis ?? []).map((each) => each[part]);
  const parts = ["postgres", "supervisor", "web", "worker"] as const;
  const measure = (name: string, sides: Measure["sides"]): Measure => ({ name, unit: "MB", better: "lower", sides });
  return {
    measures: [
      measure("memory at rest, PSS", { trellis: of("trellis") }),
      measure("of it", Object.fromEntries(parts.map((part) => [part, of(part)]))),
      measure("memory at rest, RSS", { trellis: of("rss") }),
    ],
    notes: [
      "PSS of all processes from /proc/PID/smaps_rollup: a page that several share, such as PostgreSQL's buffers or Node's code, is counted once in all. RSS counts it for each process",
      `A first start of the app Links, each instance asked once, then ${idleMs / 1_000} s of rest`,
    ],
    goals: [{ side: "trellis", atMost: 450 }],
  };
}

async function measureOnce(): Promise<Megabytes> {
  const folder = newDataFolder();
  try {
    const trellis = await startTrellis({ app: repositoryApp, data: folder.data });
    try {
      for (const { url } of trellis.instances) await fetch(`${url}/readyz`);
      await wait(idleMs);
      return weigh(trellis);
    } finally {
      await trellis.end();
    }
  } finally {
    folder.remove();
  }
}

function weigh(trellis: StartedTrellis): Megabytes {
  const tree = processTree(trellis.pid);
  const inMegabytes = (pids: readonly number[]) => memoryOf(pids).pss / megabyte;
  const ofRole = (role: string) => trellis.instances.filter((each) => each.role === role).map(({ pid }) => pid);
  const postgres = tree.filter((pid) => /\bpostgres\b/.test(commandOf(pid).split(" -", 1)[0] ?? ""));
  const [web, worker] = [ofRole("web"), ofRole("worker")];
  for (const [name, pids] of Object.entries({ postgres, web, worker }))
    if (pids.length === 0 || pids.some((pid) => !tree.includes(pid)))
      throw new Error(`${name} is not among the processes that trellis start has begun: ${tree.join(", ")}.`);
  const supervisor = tree.filter((pid) => ![...postgres, ...web, ...worker].includes(pid));
  return {
    trellis: inMegabytes(tree),
    postgres: inMegabytes(postgres),
    supervisor: inMegabytes(supervisor),
    web: inMegabytes(web),
    worker: inMegabytes(worker),
    rss: memoryOf(tree).rss / megabyte,
  };
}
