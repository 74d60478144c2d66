import type { EdgeEngine } from "../blocks/edge/port.ts";
import type { JobQueue, QueueEngine, QueueOverview } from "../blocks/queue/port.ts";
import type { JobStatus } from "../blocks/queue/queue.ts";
import type { ScheduleEngine, ScheduleOverview } from "../blocks/schedule/port.ts";
import type { LogOverview, SetAsideEvent, StreamEngine, StreamName } from "../blocks/stream/port.ts";
import { type Purge, safeTag } from "../model/purge.ts";
import { service } from "../model/service.ts";
import {
  type CallsFacts,
  type JobFacts,
  operationsContract,
  type PurgeBody,
  type QueueFacts,
  type ScheduleFacts,
  type SetAsideFacts,
  type SpoolFacts,
  type StreamFacts,
  UnknownJob,
  UnknownSchedule,
  UnknownStream,
} from "../operations/contract.ts";
import type { InstanceRegistry, KnownInstance } from "./instances/instance-registry.ts";
import type { OpenService } from "./open-services.ts";

export interface OperationsParts {
  readonly queues: QueueEngine;
  readonly streams: StreamEngine;
  readonly schedules: ScheduleEngine;
  readonly edge: EdgeEngine;
  readonly instances: Pick<InstanceRegistry, "list">;
}

/** How long a job is remembered that was cancelled by hand. */
const cancelledKeptMs = 86_400_000;

/** The service that every app has besides its own: what it can be asked about itself. */
export function openOperations({ queues, streams, schedules, instances, edge }: OperationsParts): OpenService {
  const operations = service(operationsContract, {
    uses: {},
    routes: {
      queues: async () => ({ queues: (await queues.overview()).map(queueFacts) }),
      deadJobs: async ({ query: { queue, cursor, limit } }) => {
        const jobs = await queues.dead({ limit, ...given({ queue, before: cursor }) });
        return { jobs: jobs.map(deadFacts), next: nextOf(jobs, limit) };
      },
      retryJobs: async ({ body }) => ({ count: await queues.retryDead(body.ids) }),
      dropJobs: async ({ body }) => ({ count: await queues.dropDead(body.ids) }),
      job: async ({ params }) => {
        const job = await (await queueOf(queues, params.id))?.find(params.id);
        return job ? jobFacts(job) : UnknownJob(params);
      },
      cancelJob: async ({ params }) => ({
        cancelled: (await (await queueOf(queues, params.id))?.cancel(params.id)) ?? false,
      }),
      schedules: async () => ({ schedules: (await schedules.overview()).map(scheduleFacts) }),
      runSchedule: async ({ params }) => {
        const started = await schedules.runNow(params.service, params.name);
        return started === undefined ? UnknownSchedule(params) : { started };
      },
      streams: async () => {
        const [logs, running] = await Promise.all([streams.overview(), instances.list()]);
        return { streams: logs.map(streamFacts), spools: running.map(spoolFacts) };
      },
      setAside: async ({ query: { stream, cursor, limit } }) => {
        const ask = given({ stream: stream === undefined ? undefined : nameOf(stream), before: cursor });
        const events = await streams.setAside({ limit, ...ask });
        return { events: events.map(setAsideFacts), next: nextOf(events, limit) };
      },
      retrySetAside: async ({ body }) => ({ count: await streams.retrySetAside(body.ids) }),
      dropSetAside: async ({ body }) => ({ count: await streams.dropSetAside(body.ids) }),
      replay: async ({ body: { stream, group, from } }) => {
        const name = nameOf(stream);
        const known = (await streams.overview()).find((one) => one.service === name.service && one.name === name.name);
        if (!known?.groups.some((one) => one.group === group)) return UnknownStream({ stream, group });
        await streams.replay({ stream: name, group, from: replayFrom(from) });
        return { replaying: true } as const;
      },
      purgeEdge: async ({ body }) => {
        await edge.purge(purgeOf(body));
        return { purged: true } as const;
      },
      calls: async () => ({ calls: (await instances.list()).flatMap(callsFacts) }),
      instances: async () => ({ instances: (await instances.list()).map(instanceFacts) }),
    },
  });
  return { service: operations, handles: {}, blocks: [] };
}

/** The queue that has the job, as far as looking and cancelling go: nothing of it is worked here. */
async function queueOf(queues: QueueEngine, id: string): Promise<JobQueue | undefined> {
  const queue = await queues.queueOf(id);
  return queue === undefined
    ? undefined
    : queues.open({
        queue,
        service: operationsContract.name,
        retries: 0,
        backoff: { baseMs: 0, capMs: 0 },
        timeoutMs: 0,
        concurrency: 1,
        keepForMs: cancelledKeptMs,
      });
}

function purgeOf(body: PurgeBody): Purge {
  if ("url" in body) return body;
  const of = given({ service: body.service });
  return "tag" in body ? { tag: safeTag(body.tag), ...of } : { all: true, ...of };
}

function replayFrom(from: { time: string } | { offset: number; partition?: number | undefined }) {
  if ("time" in from) return { time: Date.parse(from.time) };
  const { offset, partition } = from;
  return { offset: BigInt(offset), ...given({ partition }) };
}

type Given<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Without what is undefined: then the caller asked for nothing of the kind. */
function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}

function nextOf(page: readonly { readonly id: string }[], limit: number): string | null {
  return page.length < limit ? null : (page.at(-1)?.id ?? null);
}

function nameOf(stream: string): StreamName {
  const [service = "", name = ""] = stream.split(".");
  return { service, name };
}

const iso = (time: number): string => new Date(time).toISOString();
const isoOrNull = (time: number | undefined): string | null => (time === undefined ? null : iso(time));

function queueFacts({ counts, ...rest }: QueueOverview): QueueFacts {
  return { ...counts, ...rest, waiting: counts.waiting - rest.delayed };
}

function deadFacts<J extends { readonly enqueuedAt: number; readonly diedAt: number }>(job: J) {
  return { ...job, enqueuedAt: iso(job.enqueuedAt), diedAt: iso(job.diedAt) };
}

function jobFacts({ id, state, attempts, progress, enqueuedAt, finishedAt, error }: JobStatus<string>): JobFacts {
  return {
    id,
    state,
    attempts,
    progress: progress ?? null,
    enqueuedAt: iso(enqueuedAt),
    finishedAt: isoOrNull(finishedAt),
    error: error ?? null,
  };
}

/** One schedule as the operations API and the command show it. */
export function scheduleFacts({ zone, next, runningSince, runs, ...rest }: ScheduleOverview): ScheduleFacts {
  return {
    ...rest,
    zone: zone ?? null,
    next: next.map(iso),
    runningSince: isoOrNull(runningSince),
    runs: runs.map(({ tick, at, error, ...run }) => ({ ...run, tick: iso(tick), at: iso(at), error: error ?? null })),
  };
}

/** One stream as the operations API and the command show it. */
export function streamFacts({ oldestAt, groups, ...rest }: LogOverview): StreamFacts {
  return {
    ...rest,
    oldestAt: isoOrNull(oldestAt),
    groups: groups.map(({ members, ...group }) => ({
      ...group,
      members: members.map(({ instance, partitions }) => ({ instance, partitions: [...partitions] })),
    })),
  };
}

/** What waits on an instance's disk, as the operations API and the command show it. */
export function spoolFacts({ name, spool }: KnownInstance): SpoolFacts {
  const { records, bytes, unlogged, oldestAgeMs, behindBecause = null } = spool;
  return { instance: name, waiting: records, bytes, unlogged, oldestAgeMs, behindBecause };
}

function callsFacts({ name, calls }: KnownInstance): readonly CallsFacts[] {
  return calls.map(({ because = null, retryAt, ...look }) => ({
    instance: name,
    ...look,
    because,
    retryAt: isoOrNull(retryAt),
  }));
}

function setAsideFacts({ stream, offset, at, setAsideAt, ...event }: SetAsideEvent): SetAsideFacts {
  return {
    ...event,
    stream: `${stream.service}.${stream.name}`,
    offset: String(offset),
    at: iso(at),
    setAsideAt: iso(setAsideAt),
  };
}

function instanceFacts({ name, role, host, pid, privateUrl, since, seen }: KnownInstance) {
  return { name, role, host, pid, privateUrl, since: iso(since), seen: iso(seen) };
}
