import type { JobQueue, QueueEngine } from "../blocks/queue/port.ts";
import { runMsMax } from "../blocks/schedule/limits.ts";
import type { Tick, TickQueue } from "../blocks/schedule/port.ts";
import { TrellisError } from "../model/errors.ts";
import { scopeOf } from "../model/transaction.ts";

/** How often a tick comes again whose worker died, or whose release does not know its schedule. */
const retries = 10;
/** How long it is remembered that a tick was done: its run has a history of its own. */
const keepForMs = 3_600_000;

/** Schedules' ticks as jobs: the queue sees to leases, takeovers and traces. */
export function tickQueue(queues: QueueEngine): TickQueue {
  const open = (service: string): JobQueue =>
    queues.open({
      queue: ticksOf(service),
      service,
      retries,
      backoff: { baseMs: 1_000, capMs: 60_000 },
      // The run's own bound comes first, and says so in its history.
      timeoutMs: runMsMax + 60_000,
      concurrency: 16,
      keepForMs,
    });
  return {
    async enqueue(tick, tx) {
      const job = { payload: JSON.stringify(tick), uniqueKey: tick.name };
      const [id] = await open(tick.service).enqueue([job], {}, scopeOf(tx));
      if (id === undefined) throw new TrellisError("internal", { says: "A tick became no job" });
      return id;
    },
    work: (service, handler) =>
      open(service).work(async (job) => {
        const tick = JSON.parse(job.payload) as Tick;
        await handler({ tick, signal: job.signal, complete: (tx) => job.complete(tx) });
        return undefined;
      }),
  };
}

/** No block can have this name, so that no queue of a service is mixed up with it. */
function ticksOf(service: string): string {
  return `${service}:schedules`;
}
