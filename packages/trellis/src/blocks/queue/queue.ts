import { type Block, block, type GivesWork } from "../../model/block.ts";
import type { Infer, Schema } from "../../model/schema.ts";
import type { Queue, QueueOptions, ResultOf } from "./jobs.ts";
import { openQueue } from "./open-queue.ts";
import { queueEngine } from "./port.ts";
import { limitsOf, readOptions } from "./queue-settings.ts";

export type { EnqueueOptions, JobId, JobState, JobStatus, Queue, QueueOptions } from "./jobs.ts";

/**
 * Declares jobs that fit `job`: `queue(UrlToCheck, { retries: 5 })`. What works them is the service's `works` of the
 * same name. Throws `invalid-setting` or `invalid-app` where an option makes no sense.
 */
export function queue<S extends Schema, R extends Schema = Schema>(
  job: S,
  options: QueueOptions<Infer<S>, R> = {},
): Block<"queue", Queue<Infer<S>, ResultOf<R>>> & GivesWork<Infer<S>, ResultOf<R>> {
  const settings = readOptions(options);
  return block<"queue", Queue<Infer<S>, ResultOf<R>>>({
    kind: "queue",
    needs: [queueEngine],
    limits: limitsOf(settings),
    open: (opening) => openQueue<Infer<S>, ResultOf<R>>(job, settings, opening),
  }) as Block<"queue", Queue<Infer<S>, ResultOf<R>>> & GivesWork<Infer<S>, ResultOf<R>>;
}
