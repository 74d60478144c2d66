import { followed } from "../redirect/links.ts";
import { browserHeaders } from "../redirect/redirect.ts";
import { startMeasuredLinks } from "../redirect/trellis.ts";
import type { Bench, Findings, HowToRun } from "../src/harness/bench.ts";
import { generate, loadGeneratorNote } from "../src/harness/load.ts";
import { memoryOf } from "../src/harness/processes.ts";

const requestsMin = 10_000_000;
const secondsBetween = 10;
const connections = 32;
const megabyte = 1_000_000;

/** Of all requests, the shares between which it is weighed at first and at last: what comes before is its start. */
const early = { from: 0.1, to: 0.4 };
const late = { from: 0.7, to: 1 };

interface Sample {
  readonly requests: number;
  readonly megabytes: number;
}

export const redirectMemory: Bench = {
  name: "redirect-memory",
  line: "memory of one web instance while it answers ten million redirects, each click written down and counted",
  hasPeers: false,
  packages: [],
  run: measureOverTime,
};

async function measureOverTime({ progress }: HowToRun): Promise<Findings> {
  const samples = await weighUnderLoad(progress);
  const total = samples.at(-1)?.requests ?? 0;
  const within = ({ from, to }: typeof early): readonly number[] =>
    samples.filter(({ requests }) => requests > total * from && requests <= total * to).map((each) => each.megabytes);
  return {
    course: samples.map(({ requests, megabytes }) => `after ${millions(requests)}: ${megabytes.toFixed(0)} MB`),
    measures: [
      {
        name: "memory of the instance, PSS",
        unit: "MB",
        better: "lower",
        sides: { trellis: within(late), early: within(early) },
      },
    ],
    notes: [
      `${millions(total)} redirects of the app Links by one web instance with figures, its clicks spooled, forwarded and counted by a worker; weighed every ${secondsBetween} s under load`,
      "trellis: the last 30 % of the requests; early: from 10 % to 40 % of them. Each is a median: the collector lets garbage gather before it takes it away",
      "PSS from /proc/PID/smaps_rollup",
      loadGeneratorNote,
    ],
    goals: [{ ratio: "trellis/early", atLeast: 0.9 }],
  };
}

async function weighUnderLoad(progress: HowToRun["progress"]): Promise<readonly Sample[]> {
  const side = await startMeasuredLinks();
  const load = { method: "GET", paths: followed, headers: browserHeaders, connections } as const;
  const samples: Sample[] = [];
  try {
    for (let requests = 0; requests < requestsMin; ) {
      const outcome = await generate({ ...load, origin: side.origin, seconds: secondsBetween });
      requests += outcome.requests;
      const megabytes = memoryOf([side.pid]).pss / megabyte;
      samples.push({ requests, megabytes });
      progress(`${millions(requests)} redirects: ${megabytes.toFixed(0)} MB`);
    }
  } finally {
    await side.end();
  }
  return samples;
}

function millions(requests: number): string {
  return `${(requests / 1_000_000).toFixed(1)} million`;
}
