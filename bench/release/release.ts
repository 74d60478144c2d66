import { setTimeout as pause } from "node:timers/promises";
import type { Bench, Findings, HowToRun } from "../src/harness/bench.ts";
import { interleave } from "../src/harness/interleave.ts";
import { startTraffic } from "../traffic/start-traffic.ts";
import type { TrafficOutcome } from "../traffic/traffic-words.ts";
import type { ReleasedSide } from "./released-side.ts";
import { releasedSides, type StartReleasedSide } from "./released-sides.ts";

const releases = 10;
const requestsMin = 100_000;
const perSecond = 1_500;
const callers = { kept: 32, fresh: 8, slow: 8, events: 8, sockets: 8 };
const jobCallers = 4;
const jobsMsMax = 30_000;
const lookEveryMs = 100;

interface Sample extends TrafficOutcome {
  /** From the first `deploy` to the end of the last. */
  readonly releasingSeconds: number;
  /** Acknowledged, and not worked half a minute later. */
  readonly jobsLost: number;
}

export const release: Bench = {
  name: "release",
  line: "requests that fail during ten releases in a row, beside reloads of nginx and pm2 under the same load",
  hasPeers: true,
  packages: ["pm2", "fastify", "ws"],
  run: measureReleases,
};

async function measureReleases({ rounds, progress }: HowToRun): Promise<Findings> {
  const samples = await interleave({ sides: releasedSides(), rounds, measure: releaseUnderLoad, progress });
  const of = (figure: (sample: Sample) => number) =>
    Object.fromEntries(Object.entries(samples).map(([side, each]) => [side, each.map(figure)]));
  const jobsLost = (samples.trellis ?? []).map((sample) => sample.jobsLost);
  return {
    course: Object.entries(samples).flatMap(([side, each]) => each.map((sample) => courseOf(side, sample))),
    measures: [
      { name: "failed requests", unit: "requests", better: "lower", sides: of(({ failed }) => failed) },
      { name: requestsName, unit: "requests", better: "higher", sides: of(({ requests }) => requests) },
      { name: jobsName, unit: "jobs", better: "lower", sides: { trellis: jobsLost } },
      { name: "latency, 99th percentile", unit: "ms", better: "lower", sides: of(({ p99Ms }) => p99Ms) },
      { name: "longest", unit: "ms", better: "lower", sides: of(({ maxMs }) => maxMs) },
      { name: "longest on a WebSocket", unit: "ms", better: "lower", sides: of(({ socketMaxMs }) => socketMaxMs) },
      {
        name: "time for ten releases",
        unit: "s",
        better: "lower",
        sides: of(({ releasingSeconds }) => releasingSeconds),
      },
    ],
    notes,
    goals: [
      { side: "trellis", atMost: 0 },
      { measure: requestsName, side: "trellis", atLeast: requestsMin },
      { measure: jobsName, side: "trellis", atMost: 0 },
    ],
  };
}

const requestsName = "requests";
const jobsName = "acknowledged jobs that were not worked";

const notes = [
  `${perSecond.toLocaleString("en")} requests a second by ${callers.kept} callers that keep their connection, ${callers.fresh} that open one for each request, and ${callers.sockets} that hold a WebSocket, where a message is a request; beside them ${callers.slow} that always wait for an answer of 2.5 s and ${callers.events} that listen to streams of events as long`,
  "Nothing is asked twice, and an answer that is not whole, or not of status 200 or 201, has failed. A WebSocket that is closed with 1001 or 1012 (going away, service restart) is opened anew at once, and a message that was not answered said there; one that ends in any other way, is refused, or answers wrongly is a failure",
  `trellis: \`trellis deploy\` of changed code ${releases} times, two web instances and a worker behind the gateway, of the ${perSecond.toLocaleString("en")} a share by ${jobCallers} callers that have jobs enqueued; it says itself when a release serves and the one before has ended; TRELLIS_SOAK is 1 s`,
  "nginx: two new instances of a like app under Fastify are started, the configuration names them, `nginx -s reload`; when its old workers take nothing new, the old instances get SIGTERM, say 1001 on their WebSockets and finish what they have",
  "pm2: two instances of that app in cluster mode, told to be ready by itself; `pm2 reload`",
  `Then as many more as make ${requestsMin.toLocaleString("en")} requests. Nothing is pinned to a core but the generator, a program of node's`,
];

async function releaseUnderLoad(start: StartReleasedSide): Promise<Sample> {
  const side = await start();
  try {
    const kinds = side.jobsDone ? { ...callers, jobs: jobCallers } : callers;
    const traffic = await startTraffic({ origin: side.origin, perSecond, callers: kinds });
    try {
      const beganMs = performance.now();
      for (let number = 2; number <= releases + 1; number += 1) await side.release(number);
      const releasingSeconds = (performance.now() - beganMs) / 1_000;
      await traffic.until(requestsMin);
      const outcome = await traffic.finish();
      return { ...outcome, releasingSeconds, jobsLost: await lostJobs(side, outcome.jobs) };
    } finally {
      await traffic.end();
    }
  } finally {
    await side.end();
  }
}

async function lostJobs({ jobsDone }: ReleasedSide, acknowledged: number): Promise<number> {
  if (!jobsDone) return 0;
  const untilMs = performance.now() + jobsMsMax;
  for (;;) {
    const lost = acknowledged - (await jobsDone());
    if (lost <= 0 || performance.now() > untilMs) return Math.max(0, lost);
    await pause(lookEveryMs);
  }
}

function courseOf(side: string, { requests, failed, why, jobs, reopened, cutPorts }: Sample): string {
  const reasons = Object.entries(why).map(([says, count]) => `${count} × ${says}`);
  const cut = `${cutPorts.length} kept connections closed without a word`;
  const again = `${reopened} WebSockets told to come again`;
  return `${side}: ${failed} of ${requests.toLocaleString("en")} failed, ${jobs} jobs, ${again}, ${cut}${reasons.length > 0 ? `; ${reasons.join(", ")}` : ""}`;
}
