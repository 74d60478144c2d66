/** What can be asked of an app about itself, whatever services it has. Browser-safe. */
import { z } from "zod";
import { scope } from "../model/actor.ts";
import { contract } from "../model/contract.ts";
import { failure } from "../model/failure.ts";
import { get, post } from "../model/route.ts";
import {
  CallsFacts,
  DeadJobFacts,
  InstanceFacts,
  JobFacts,
  PurgeBody,
  QueueFacts,
  ScheduleFacts,
  SetAsideFacts,
  SpoolFacts,
  StreamFacts,
} from "./parts.ts";

export {
  CallsFacts,
  DeadJobFacts,
  GroupFacts,
  InstanceFacts,
  JobFacts,
  PurgeBody,
  QueueFacts,
  ScheduleFacts,
  ScheduleRun,
  SetAsideFacts,
  SpoolFacts,
  StreamFacts,
} from "./parts.ts";

export { Session, sessionContract, TooManyGuesses, UnknownKey } from "./session-contract.ts";

/** How many things one call may change. */
export const idsMax = 1_000;

export const UnknownJob = failure("unknown-job", {
  status: 404,
  title: "No job has this id",
  cure: "Finished jobs are kept for a while only; see the queue's `keepFor`.",
  detail: z.object({ id: z.string() }),
});
export const UnknownSchedule = failure("unknown-schedule", {
  status: 404,
  title: "There is no such schedule",
  cure: "See /v1/operations/schedules for those there are.",
  detail: z.object({ service: z.string(), name: z.string() }),
});
export const UnknownStream = failure("unknown-stream", {
  status: 404,
  title: "There is no such stream",
  cure: "See /v1/operations/streams for those there are.",
  detail: z.object({ stream: z.string(), group: z.string() }),
});

const read = scope("operations:read");
const write = scope("operations:write");

const idForm = /^[\w-]{1,64}$/;
const eventIdForm = /^\d{1,18}$/;
const eventIds = z.object({
  ids: z.array(z.string().regex(eventIdForm, "must be an id of the list")).min(1).max(idsMax),
});
const eventCursor = z.string().regex(eventIdForm, "must be the `next` of an earlier page").optional();
const streamName = z.string().regex(/^[a-z][a-z0-9-]*\.\w+$/, "must be SERVICE.NAME");
const limit = z.coerce.number<number>().int().min(1).max(100).default(20);
const cursor = z.string().regex(idForm, "must be the `next` of an earlier page").optional();
const ids = z.object({
  ids: z.array(z.string().regex(idForm, "must be an id of the list")).min(1).max(idsMax),
});
const changed = z.object({ count: z.int() });

export const operationsContract = contract("operations", {
  queues: get("/v1/operations/queues", {
    summary: "The app's queues: how many jobs are in which state, and how long the oldest waits",
    returns: z.object({ queues: z.array(QueueFacts) }),
    allow: read,
  }),
  deadJobs: get("/v1/operations/jobs/dead", {
    summary: "Jobs that were given up, the latest first; `next` is the `cursor` of the next page",
    query: z.object({ queue: z.string().optional(), cursor, limit }),
    returns: z.object({ jobs: z.array(DeadJobFacts), next: z.string().nullable() }),
    allow: read,
  }),
  retryJobs: post("/v1/operations/jobs/retry", {
    summary: "Begins dead jobs anew, with all their attempts",
    body: ids,
    returns: changed,
    allow: write,
  }),
  dropJobs: post("/v1/operations/jobs/drop", {
    summary: "Forgets dead jobs",
    body: ids,
    returns: changed,
    allow: write,
  }),
  job: get("/v1/operations/jobs/:id", {
    summary: "What became of a job",
    returns: JobFacts,
    fails: [UnknownJob],
    allow: read,
  }),
  cancelJob: post("/v1/operations/jobs/:id/cancel", {
    summary: "Takes a job back, or ends its run; `cancelled` is false where there was nothing to cancel",
    returns: z.object({ cancelled: z.boolean() }),
    allow: write,
  }),
  schedules: get("/v1/operations/schedules", {
    summary: "The app's schedules, with their next times and last runs",
    returns: z.object({ schedules: z.array(ScheduleFacts) }),
    allow: read,
  }),
  runSchedule: post("/v1/operations/schedules/:service/:name/run", {
    summary: "Runs a schedule's work now, beside its times",
    returns: z.object({ started: z.boolean() }),
    fails: [UnknownSchedule],
    allow: write,
  }),
  streams: get("/v1/operations/streams", {
    summary: "The app's streams, who consumes them and how far they are, and what waits on instances' disks",
    returns: z.object({ streams: z.array(StreamFacts), spools: z.array(SpoolFacts) }),
    allow: read,
  }),
  setAside: get("/v1/operations/streams/set-aside", {
    summary: "Events that consumers gave up, the latest first; `next` is the `cursor` of the next page",
    query: z.object({ stream: streamName.optional(), cursor: eventCursor, limit }),
    returns: z.object({ events: z.array(SetAsideFacts), next: z.string().nullable() }),
    allow: read,
  }),
  retrySetAside: post("/v1/operations/streams/set-aside/retry", {
    summary: "Gives events that were set aside to their consumer again",
    body: eventIds,
    returns: changed,
    allow: write,
  }),
  dropSetAside: post("/v1/operations/streams/set-aside/drop", {
    summary: "Forgets events that were set aside",
    body: eventIds,
    returns: changed,
    allow: write,
  }),
  replay: post("/v1/operations/streams/replay", {
    summary:
      "Lets a consumer handle events again (or skip some): from a time, or from an offset in one partition or in each",
    body: z.object({
      stream: streamName,
      group: z.string().min(1).max(64),
      from: z.union([
        z.object({ time: z.iso.datetime() }),
        z.object({ offset: z.int().min(0), partition: z.int().min(0).optional() }),
      ]),
    }),
    returns: z.object({ replaying: z.literal(true) }),
    fails: [UnknownStream],
    allow: write,
  }),
  calls: get("/v1/operations/calls", {
    summary: "How calls between services go in each instance, as it said within the last five seconds",
    returns: z.object({ calls: z.array(CallsFacts) }),
    allow: read,
  }),
  purgeEdge: post("/v1/operations/edge/purge", {
    summary:
      "Takes answers out of the edge caches of all gateways, by address, by tag, or all: within a moment, and what was asked for before is not stored after it",
    body: PurgeBody,
    returns: z.object({ purged: z.literal(true) }),
    allow: write,
  }),
  instances: get("/v1/operations/instances", {
    summary: "The instances that run now",
    returns: z.object({ instances: z.array(InstanceFacts) }),
    allow: read,
  }),
});
