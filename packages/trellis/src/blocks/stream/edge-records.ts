import { setImmediate } from "node:timers/promises";
import type { MakeEdgeEvent, Serving } from "../../model/block.ts";
import type { Clock } from "../../model/clock.ts";
import { TrellisError } from "../../model/errors.ts";
import { CallFailed } from "../../model/failure.ts";
import { isOutage } from "./is-outage.ts";
import { edgeEventMsMax, edgeEventsAtOnce } from "./limits.ts";
import type { MadeRecords, Recorded } from "./port.ts";

export interface EdgeRecordsParts {
  readonly make: MakeEdgeEvent;
  /** Writes an event as the stream keeps it. */
  readonly write: (event: unknown, trace: string | undefined) => Recorded | Promise<Recorded>;
  readonly clock: Clock;
}

/** Makes a stream's records out of those of the edge: some at a time, each in its place. */
export class EdgeRecords implements Serving {
  readonly #parts: EdgeRecordsParts;
  readonly #running = new Set<Promise<unknown>>();
  #stopped = false;

  constructor(parts: EdgeRecordsParts) {
    this.#parts = parts;
  }

  /** Rejects where something is away that the service needs for it: nothing is lost by asking again. */
  async make(records: readonly Recorded[]): Promise<MadeRecords> {
    const made: Recorded[] = [];
    const unmade = new Map<string, number>();
    for (let from = 0; from < records.length; from += edgeEventsAtOnce) {
      if (this.#stopped) throw new TrellisError("unavailable", { says: "This instance is ending" });
      for (const outcome of await this.#makeSome(records.slice(from, from + edgeEventsAtOnce)))
        if (typeof outcome === "string") unmade.set(outcome, (unmade.get(outcome) ?? 0) + 1);
        else made.push(outcome);
      // Requests are answered in between.
      await setImmediate();
    }
    return { records: made, unmade };
  }

  /** Resolves when the service is asked nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#running);
  }

  async #makeSome(records: readonly Recorded[]): Promise<readonly (Recorded | string)[]> {
    const some = this.#inTime(Promise.all(records.map((record) => this.#makeOne(record))));
    this.#running.add(some);
    try {
      return await some;
    } finally {
      this.#running.delete(some);
    }
  }

  /** A text says why there is no event. */
  async #makeOne({ key: route, body, trace }: Recorded): Promise<Recorded | string> {
    const { make, write } = this.#parts;
    try {
      const event = await make(route, JSON.parse(body));
      if (event === undefined) return `the mapping of "${route}" gives none`;
      return await write(event, trace);
    } catch (error) {
      if (isPassing(error)) throw error;
      return `${route}: ${error instanceof Error ? error.message : error}`;
    }
  }

  /** Who never answers must hold up neither the others' events for ever, nor the end of this instance. */
  async #inTime<T>(making: Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = this.#parts.clock.after(edgeEventMsMax, () =>
      late.reject(new TrellisError("unavailable", { says: `A mapping takes longer than ${edgeEventMsMax} ms` })),
    );
    try {
      return await Promise.race([making, late.promise]);
    } finally {
      timer.cancel();
    }
  }
}

/** An event is made once: it is not given up for what may be over the next time, such as a database that is slow. */
function isPassing(error: unknown): boolean {
  if (error instanceof CallFailed) return error.failure.code === "unavailable";
  return isOutage(error) || (error instanceof TrellisError && (error.status === 503 || error.status === 504));
}
