import { scopeOf } from "../../model/transaction.ts";
import type { ClaimedTick, Tick, TickQueue } from "./port.ts";

/** What can befall ticks in tests. */
export interface MemoryTicks extends TickQueue {
  readonly unfinished: number;
  /** The next firing finds the queue broken. */
  breakOnce(): void;
  /** Who runs the unfinished tick has died: it comes again, and what the dead one completes is refused. */
  die(): void;
  /** Aborts the signals of what runs. */
  interrupt(): void;
}

interface Job {
  readonly id: string;
  readonly tick: Tick;
  attempt: number;
  controller: AbortController;
}

/** The queue of all instances, in memory: one unfinished tick a schedule, begun again when its handler throws. */
export function memoryTicks(): MemoryTicks {
  const unfinished = new Map<string, Job>();
  const workers: { readonly service: string; readonly handler: (claimed: ClaimedTick) => Promise<void> }[] = [];
  let ids = 0;
  let turn = 0;
  let broken = false;

  const key = ({ service, name }: Tick): string => `${service}.${name}`;
  const claim = (job: Job): ClaimedTick => {
    const { attempt } = job;
    return {
      tick: job.tick,
      signal: job.controller.signal,
      complete: async (tx) => {
        if (job.attempt !== attempt) throw new Error("Another has the tick by now");
        scopeOf(tx).afterCommit(() => unfinished.delete(key(job.tick)));
      },
    };
  };
  const begin = (job: Job): void => {
    const able = workers.filter(({ service }) => service === job.tick.service);
    const worker = able[turn++ % Math.max(1, able.length)];
    if (!worker) return;
    const { attempt } = job;
    worker.handler(claim(job)).catch(() => {
      if (job.attempt === attempt) again(job);
    });
  };
  const again = (job: Job): void => {
    job.attempt += 1;
    job.controller = new AbortController();
    begin(job);
  };
  return {
    get unfinished() {
      return unfinished.size;
    },
    async enqueue(tick, tx) {
      const known = unfinished.get(key(tick));
      if (known) return known.id;
      if (broken) {
        broken = false;
        throw new Error("The queue is broken");
      }
      ids += 1;
      const job = { id: String(ids), tick, attempt: 1, controller: new AbortController() };
      scopeOf(tx).afterCommit(() => {
        unfinished.set(key(tick), job);
        begin(job);
      });
      return job.id;
    },
    work(service, handler) {
      const worker = { service, handler };
      workers.push(worker);
      for (const job of unfinished.values()) if (job.tick.service === service) begin(job);
      return { stop: async () => void workers.splice(workers.indexOf(worker), 1) };
    },
    breakOnce: () => {
      broken = true;
    },
    die: () => {
      for (const job of unfinished.values()) again(job);
    },
    interrupt: () => {
      for (const { controller } of unfinished.values()) controller.abort();
    },
  };
}
