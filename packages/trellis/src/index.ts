/** What an app's author writes services with. A contract imports `trellis/contract`, which browsers may load too. */

export type { Cache } from "./blocks/cache/cache.ts";
export { cache } from "./blocks/cache/cache.ts";
export type { Database, Generated, Queries } from "./blocks/database/database.ts";
export { database } from "./blocks/database/database.ts";
export type { Edge } from "./blocks/edge/edge.ts";
export { edge } from "./blocks/edge/edge.ts";
export { calls } from "./blocks/http/client/calls.ts";
export type { EnqueueOptions, JobId, JobState, JobStatus, Queue, QueueOptions } from "./blocks/queue/queue.ts";
export { queue } from "./blocks/queue/queue.ts";
export type { Stream, StreamAccount, StreamOptions } from "./blocks/stream/stream.ts";
export { stream } from "./blocks/stream/stream.ts";
export * from "./contract.ts";
export { type App, app } from "./model/app.ts";
export type { Clock, Random, Timer } from "./model/clock.ts";
export type { Context } from "./model/context.ts";
export type { EdgeEvent } from "./model/edge-event.ts";
export type { Log, LogFacts } from "./model/log.ts";
export type { Plan } from "./model/plan.ts";
export type { Request } from "./model/request.ts";
export type { RequestClient } from "./model/request-client.ts";
export {
  type Batch,
  type Definition,
  type EdgeEventMapping,
  type Handles,
  type Service,
  service,
} from "./model/service.ts";
export type { Isolation, Transaction, Transactional } from "./model/transaction.ts";
