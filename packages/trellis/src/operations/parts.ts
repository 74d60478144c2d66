import { z } from "zod";
import { purgeTagMax, purgeUrlMax } from "../model/purge.ts";

/** Figures, times and lengths of the operations API: counts are whole numbers, times ISO 8601, lengths milliseconds. */
const count = z.int().min(0);
const lengthMs = z.number().min(0);
const moment = z.iso.datetime();

export const QueueFacts = z.object({
  /** `SERVICE.NAME`. */
  queue: z.string(),
  /** Could start now. */
  waiting: count,
  /** Waiting for their time. */
  delayed: count,
  running: count,
  /** Given up after their retries. */
  dead: count,
  /** Finished, of those that are still kept. */
  done: count,
  /** How long the oldest job that could start has been waiting. */
  oldestAgeMs: lengthMs,
});
export type QueueFacts = z.infer<typeof QueueFacts>;

export const DeadJobFacts = z.object({
  id: z.string(),
  queue: z.string(),
  /** What was to be done, as JSON text. */
  payload: z.string(),
  attempts: count,
  error: z.string(),
  enqueuedAt: moment,
  diedAt: moment,
});
export type DeadJobFacts = z.infer<typeof DeadJobFacts>;

export const JobFacts = z.object({
  id: z.string(),
  state: z.enum(["waiting", "running", "done", "dead", "cancelled"]),
  attempts: count,
  progress: z.object({ done: z.number(), of: z.number() }).nullable(),
  enqueuedAt: moment,
  finishedAt: moment.nullable(),
  /** Of the last attempt that failed. */
  error: z.string().nullable(),
});
export type JobFacts = z.infer<typeof JobFacts>;

export const ScheduleRun = z.object({
  /** The time that it was for. */
  tick: moment,
  /** When it began. */
  at: moment,
  tookMs: lengthMs,
  outcome: z.enum(["done", "failed"]),
  /** Why it failed. */
  error: z.string().nullable(),
  /** Times that came while it was going on, and were left out. */
  skipped: count,
  /** The instance that ran it. */
  instance: z.string(),
  /** Asked for by a person, beside the schedule. */
  byHand: z.boolean(),
});
export type ScheduleRun = z.infer<typeof ScheduleRun>;

export const ScheduleFacts = z.object({
  service: z.string(),
  name: z.string(),
  /** `every 1d`, or a cron expression. */
  spec: z.string(),
  /** Of a cron expression. */
  zone: z.string().nullable(),
  missed: z.enum(["skip", "once"]),
  /** The next three times. */
  next: z.array(moment),
  /** Since when its present run goes on. */
  runningSince: moment.nullable(),
  /** The latest first, at most ten. */
  runs: z.array(ScheduleRun),
});
export type ScheduleFacts = z.infer<typeof ScheduleFacts>;

export const GroupFacts = z.object({
  /** The service that consumes. */
  group: z.string(),
  /** Events not yet handled. */
  lag: count,
  /** How long the oldest of them has been waiting. */
  oldestAgeMs: lengthMs,
  /** Given up after their retries, kept. */
  setAside: count,
  members: z.array(z.object({ instance: z.string(), partitions: z.array(count) })),
});
export type GroupFacts = z.infer<typeof GroupFacts>;

export const StreamFacts = z.object({
  service: z.string(),
  name: z.string(),
  partitions: count,
  /** Events appended ever. */
  appended: count,
  /** The time of the oldest event that is kept. */
  oldestAt: moment.nullable(),
  /** In committed transactions, not yet appended. */
  outbox: count,
  groups: z.array(GroupFacts),
});
export type StreamFacts = z.infer<typeof StreamFacts>;

/** What instances have written down on their own disks, on its way to the streams. */
export const SpoolFacts = z.object({
  instance: z.string(),
  /** Written down, not yet in the stream. */
  waiting: count,
  bytes: count,
  /** Could not be written down. */
  unlogged: count,
  oldestAgeMs: lengthMs,
  /** Why it is behind, where it is. */
  behindBecause: z.string().nullable(),
});
export type SpoolFacts = z.infer<typeof SpoolFacts>;

/** How the calls of a service to another go, in one instance. */
export const CallsFacts = z.object({
  instance: z.string(),
  from: z.string(),
  to: z.string(),
  /** `open`: the other is not asked; `half-open`: a few calls try whether it is back. */
  circuit: z.enum(["closed", "open", "half-open"]),
  /** Why the circuit is not closed. */
  because: z.string().nullable(),
  /** When it is tried again. */
  retryAt: moment.nullable(),
  underWay: count,
  /** For a place among those under way. */
  waiting: count,
});
export type CallsFacts = z.infer<typeof CallsFacts>;

export const SetAsideFacts = z.object({
  id: z.string(),
  /** `SERVICE.NAME`. */
  stream: z.string(),
  group: z.string(),
  partition: count,
  /** Of the event in its partition. */
  offset: z.string(),
  key: z.string(),
  /** JSON. */
  body: z.string(),
  reason: z.string(),
  /** When it was appended. */
  at: moment,
  setAsideAt: moment,
  /** It waits for its consumer once more. */
  retrying: z.boolean(),
});
export type SetAsideFacts = z.infer<typeof SetAsideFacts>;

export const InstanceFacts = z.object({
  /** `web-1`. */
  name: z.string(),
  role: z.enum(["web", "worker"]),
  /** The machine's name. */
  host: z.string(),
  pid: count,
  /** Answers on its own machine only. */
  privateUrl: z.string(),
  since: moment,
  /** When it last said that it lives: within about five seconds, unless it has died. */
  seen: moment,
});
export type InstanceFacts = z.infer<typeof InstanceFacts>;

const serviceName = z.string().min(1).max(64).optional();

/** What is to be taken out of the edge cache: what is kept of an address, what was answered with a tag, or everything. */
export const PurgeBody = z.union([
  z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(purgeUrlMax) }),
  z.strictObject({ tag: z.string().min(1).max(purgeTagMax), service: serviceName }),
  z.strictObject({ all: z.literal(true), service: serviceName }),
]);
export type PurgeBody = z.infer<typeof PurgeBody>;
