import { setTimeout as wait } from "node:timers/promises";

/** One job system as the bench sees it, in a process of its own. */
export interface JobSystem {
  /** Enqueues as many jobs, in the way that is meant for many. */
  enqueueMany(numbers: readonly number[]): Promise<unknown>;
  enqueue(number: number): Promise<unknown>;
  /** Resolves when jobs are being worked. `begin` is called when a job starts; the job ends when it resolves. */
  work(begin: (number: number) => Promise<void> | undefined): Promise<unknown>;
}

/** What a process is asked to do: its first argument. */
export type Task = "drain" | "hang" | "rescue";

/** What one process measured of one system. */
export interface DrainOutcome {
  readonly jobsPerSecond: number;
  readonly enqueuedPerSecond: number;
  readonly startMsP50: number;
  readonly startMsP99: number;
}

const jobs = 60_000;
const atOnce = 5_000;
const drainMsMax = 15_000;
const latencyJobs = 400;
const latencyPauseMs = 10;
/** Within the minute for which the bench waits for a line. */
const rescueMsMax = 55_000;

/** How long it is waited for a job of a killed worker to begin elsewhere. */
export const rescueSecondsMax = rescueMsMax / 1_000;

/** Does this process's task with the system and prints the outcome as a line of JSON. */
export async function runTask(system: JobSystem): Promise<void> {
  const task = process.argv[2] as Task;
  if (task === "drain") print(await drain(system));
  else if (task === "hang") await hang(system);
  else await rescue(system);
  if (task === "drain") process.exit();
}

/** Jobs that are there already, worked as fast as can be; then one every ten milliseconds. */
async function drain(system: JobSystem): Promise<DrainOutcome> {
  const enqueuedAt = performance.now();
  for (let first = 0; first < jobs; first += atOnce)
    await system.enqueueMany(Array.from({ length: atOnce }, (_, index) => first + index));
  const enqueuedPerSecond = (jobs / (performance.now() - enqueuedAt)) * 1_000;

  let begun = 0;
  const all = Promise.withResolvers<void>();
  const sent = new Map<number, number>();
  const latencies: number[] = [];
  const startedAt = performance.now();
  await system.work((number) => {
    if (number >= jobs) latencies.push(performance.now() - (sent.get(number) ?? 0));
    else {
      begun += 1;
      if (begun === jobs) all.resolve();
    }
    return undefined;
  });
  await Promise.race([all.promise, wait(drainMsMax)]);
  const jobsPerSecond = (begun / (performance.now() - startedAt)) * 1_000;
  await Promise.race([all.promise, wait(rescueMsMax - drainMsMax)]);

  for (let number = jobs; number < jobs + latencyJobs; number += 1) {
    sent.set(number, performance.now());
    await Promise.all([system.enqueue(number), wait(latencyPauseMs)]);
  }
  for (const until = performance.now() + 5_000; latencies.length < latencyJobs && performance.now() < until; )
    await wait(10);
  if (latencies.length < latencyJobs) throw new Error(`${latencies.length} of ${latencyJobs} jobs have started.`);
  latencies.sort((a, b) => a - b);
  const percentile = (share: number) => latencies[Math.ceil(share * latencies.length) - 1] ?? Number.NaN;
  return { jobsPerSecond, enqueuedPerSecond, startMsP50: percentile(0.5), startMsP99: percentile(0.99) };
}

/** Begins one job and never ends it. */
async function hang(system: JobSystem): Promise<void> {
  await system.work(() => {
    print({ begun: true });
    return new Promise(() => undefined);
  });
  await system.enqueue(0);
}

/** Says when it begins the job that another process had. */
async function rescue(system: JobSystem): Promise<void> {
  await system.work(() => {
    print({ rescuedAt: Date.now() });
    return undefined;
  });
  print({ ready: true });
  await wait(rescueMsMax);
  print({ rescuedAt: null });
}

function print(outcome: object): void {
  console.log(JSON.stringify(outcome));
}
