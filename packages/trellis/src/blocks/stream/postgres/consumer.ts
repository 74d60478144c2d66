import type { Serving } from "../../../model/block.ts";
import type { Unsubscribe } from "../../../model/bus.ts";
import { batchConnections, batchesAtOnce, lookPauseMs, pollMs, stopMs } from "../limits.ts";
import type { BatchHandler, ConsumerSettings } from "../port.ts";
import { ConsumerFigures } from "./consumer-figures.ts";
import { eventsTopic, type LogParts, type StreamRow, streamLabel } from "./log-parts.ts";
import { Membership } from "./membership.ts";
import { PacedLook } from "./paced-look.ts";
import { PartitionWorker } from "./partition-worker.ts";
import { Slots } from "./slots.ts";

/**
 * One instance's part in a group: looks which of its partitions have events, when it is woken and now and then, and lets
 * their workers handle them.
 */
export class Consumer implements Serving {
  readonly #stream: StreamRow;
  readonly #group: string;
  readonly #parts: LogParts;
  readonly #workers: readonly PartitionWorker[];
  readonly #membership: Membership;
  readonly #looks: PacedLook;
  readonly #ending = new AbortController();
  #unsubscribe: Unsubscribe | undefined;
  #hasCursors = false;
  #stopped: Promise<void> | undefined;

  constructor(stream: StreamRow, settings: ConsumerSettings, handler: BatchHandler, parts: LogParts) {
    this.#stream = stream;
    this.#group = settings.service;
    this.#parts = parts;
    const shared = {
      stream,
      settings,
      handler,
      parts,
      connections: new Slots(batchConnections),
      slots: new Slots(batchesAtOnce),
      figures: new ConsumerFigures(stream, settings.service, parts.metrics),
      ending: this.#ending.signal,
      onDrained: () => this.#looks.ask(),
    };
    this.#looks = new PacedLook({ clock: parts.clock, pauseMs: lookPauseMs, pollMs, look: () => this.#wakeWorkers() });
    this.#workers = Array.from({ length: stream.partitions }, (_, partition) => new PartitionWorker(partition, shared));
    this.#membership = new Membership({
      stream,
      group: this.#group,
      parts,
      backends: () => this.#workers.flatMap(({ backend }) => (backend === undefined ? [] : [backend])),
      stuck: () => this.#workers.filter((worker) => worker.isStuck).map(({ partition }) => partition),
      onShared: (partitions) => this.#share(partitions),
    });
  }

  start(): void {
    this.#unsubscribe = this.#parts.wakes.on(eventsTopic(this.#stream), () => this.#looks.ask());
    this.#membership.start();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#unsubscribe?.();
    await this.#looks.close();
    const impatience = this.#parts.clock.after(stopMs, () => this.#ending.abort());
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    impatience.cancel();
    await this.#membership.leave();
  }

  #share(partitions: readonly number[]): void {
    const before = this.#ours().join();
    for (const worker of this.#workers) worker.isOurs = partitions.includes(worker.partition);
    if (this.#ours().join() !== before) this.#looks.ask();
  }

  #ours(): readonly number[] {
    return this.#workers.filter(({ isOurs }) => isOurs).map(({ partition }) => partition);
  }

  async #wakeWorkers(): Promise<void> {
    const idle = this.#workers.filter((worker) => worker.isOurs && !worker.isRunning).map(({ partition }) => partition);
    if (idle.length === 0) return;
    const { platform } = this.#parts.database;
    try {
      if (!this.#hasCursors) await platform.query(makeCursors, [this.#stream.id, this.#group]);
      this.#hasCursors = true;
      const waiting = await platform.query<Waiting>(findWaiting, [this.#stream.id, this.#group, idle]);
      if (this.#stopped !== undefined) return;
      for (const { partition, events, aside } of waiting) this.#workers[partition]?.run({ events, aside });
    } catch (error) {
      this.#parts.log.debug("A consumer could not look for events", { stream: streamLabel(this.#stream), error });
    }
  }
}

interface Waiting {
  readonly partition: number;
  readonly events: boolean;
  readonly aside: boolean;
}

/** A new group begins with the oldest event that is kept. */
const makeCursors = `
  insert into trellis.stream_cursor (stream, "group", partition, "offset")
  select $1, $2, nth - 1, first from (
    select firsts from trellis.stream_segment where stream = $1 order by number limit 1
  ) as oldest cross join unnest(oldest.firsts) with ordinality as kept (first, nth)
  on conflict do nothing`;

const findWaiting = `
  select * from (
    select cursor.partition,
      cursor."offset" < log.nexts[cursor.partition + 1] as events,
      exists (
        select from trellis.stream_set_aside as aside
        where aside.stream = $1 and aside."group" = $2 and aside.partition = cursor.partition and aside.retrying
      ) as aside
    from trellis.stream_cursor as cursor cross join trellis.log_end($1) as log
    where cursor.stream = $1 and cursor."group" = $2 and cursor.partition = any($3)
  ) as looked where events or aside`;
