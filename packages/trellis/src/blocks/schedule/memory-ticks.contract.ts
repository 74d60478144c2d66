import type { Serving } from "../../model/block.ts";
import { scopeOf, type Transaction } from "../../model/transaction.ts";
import type { ClaimedTick, Tick, TickQueue } from "./port.ts";
import type { Ticks } from "./test-place.contract.ts";

interface Job {
  readonly id: string;
  readonly tick: Tick;
  attempt: number;
  ending: AbortController;
}

interface Worker {
  readonly service: string;
  readonly handler: (claimed: ClaimedTick) => Promise<void>;
}

/** Ticks in memory: one unfinished a schedule, begun again when its handler throws; and what can befall them. */
export class MemoryTicks implements Ticks, TickQueue {
  readonly #unfinished = new Map<string, Job>();
  readonly #workers: Worker[] = [];
  #ids = 0;
  #turn = 0;
  #broken = false;

  queue(): TickQueue {
    return this;
  }

  async unfinished(): Promise<number> {
    return this.#unfinished.size;
  }

  /** The next firing finds the queue broken. */
  breakOnce(): void {
    this.#broken = true;
  }

  /** Who runs the unfinished ticks has died: they come again, and what the dead one completes is refused. */
  die(): void {
    for (const job of this.#unfinished.values()) this.#beginAgain(job);
  }

  /** Aborts the signals of what runs. */
  interrupt(): void {
    for (const { ending } of this.#unfinished.values()) ending.abort();
  }

  async enqueue(tick: Tick, tx: Transaction): Promise<string> {
    const known = this.#unfinished.get(keyOf(tick));
    if (known) return known.id;
    if (this.#broken) {
      this.#broken = false;
      throw new Error("The queue is broken");
    }
    this.#ids += 1;
    const job = { id: String(this.#ids), tick, attempt: 1, ending: new AbortController() };
    scopeOf(tx).afterCommit(() => {
      this.#unfinished.set(keyOf(tick), job);
      this.#begin(job);
    });
    return job.id;
  }

  work(service: string, handler: Worker["handler"]): Serving {
    const worker = { service, handler };
    this.#workers.push(worker);
    return { stop: async () => void this.#workers.splice(this.#workers.indexOf(worker), 1) };
  }

  /** Workers take turns. */
  #begin(job: Job): void {
    const able = this.#workers.filter(({ service }) => service === job.tick.service);
    const worker = able[this.#turn % Math.max(1, able.length)];
    this.#turn += 1;
    const { attempt } = job;
    worker?.handler(this.#claim(job)).catch(() => {
      if (job.attempt === attempt) this.#beginAgain(job);
    });
  }

  #beginAgain(job: Job): void {
    job.attempt += 1;
    job.ending = new AbortController();
    this.#begin(job);
  }

  #claim(job: Job): ClaimedTick {
    const { attempt, tick } = job;
    return {
      tick,
      signal: job.ending.signal,
      complete: async (tx) => {
        if (job.attempt !== attempt) throw new Error("Another has the tick by now");
        scopeOf(tx).afterCommit(() => void this.#unfinished.delete(keyOf(tick)));
      },
    };
  }
}

function keyOf({ service, name }: Tick): string {
  return `${service}.${name}`;
}
