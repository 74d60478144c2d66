import { type Block, block, type Delivers } from "../../model/block.ts";
import { type Duration, milliseconds } from "../../model/duration.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Limit } from "../../model/limit.ts";
import type { Infer, Schema } from "../../model/schema.ts";
import type { Batch } from "../../model/service.ts";
import type { Transactional } from "../../model/transaction.ts";
import { spoolEngine, streamEngine } from "./port.ts";

/** Events in an order that is kept within each key, read by any number of consumers. */
export interface Stream<Event> extends Transactional {
  /** Resolves when the stream has them; on `in(tx)`: they are in it soon after `tx` commits, or never. */
  append(...events: readonly Event[]): Promise<void>;
  /**
   * Returns at once. The event is in this machine's durable log before the answer of the request leaves, and in the stream
   * soon after, exactly once. It never waits and, in production, never throws: what could not be written down is counted
   * as unlogged. In development and tests an event that does not fit the schema throws `invalid-input`.
   */
  spool(event: Event): void;
  /**
   * What became of the events that were spooled, all instances together, in one consistent look. On `in(tx)` of a
   * repeatable read whose first statement it is, as of the moment that `tx` reads everything else of.
   */
  account(): Promise<StreamAccount>;
}

/** `spooled = inSpools + forwarded + unlogged`, to the unit. */
export interface StreamAccount {
  /** How often `spool` was called. */
  readonly spooled: number;
  /** Written down on some machine, not yet in the stream. */
  readonly inSpools: number;
  /** Brought from spools into the stream. */
  readonly forwarded: number;
  /** Could not be written down: the disk was full. */
  readonly unlogged: number;
  /** In the stream, not yet handled by this service's consumer. */
  readonly lag: number;
  /** Given up by this service's consumer after its retries: kept aside. */
  readonly setAside: number;
}

export interface StreamOptions<Event> {
  /** Events of one key are handled in the order in which they came. */
  readonly key: (event: Event) => string;
  /** `7d` unless said otherwise. Dropped by the day, so that some are kept up to a day longer. */
  readonly keepFor?: Duration;
  /** How many consumers can share the stream at most: 4 unless said otherwise. Fixed once the stream exists. */
  readonly partitions?: number;
  /** Events that the handler is given at once, at most: 1,000 unless said otherwise. */
  readonly batch?: number;
  /** How often a batch is tried again before the event that spoils it is set aside: 5 unless said otherwise. */
  readonly retries?: number;
  /** Makes an event of today's shape from an older one. What still does not fit the schema is set aside, with the reason. */
  readonly upcast?: (old: unknown) => unknown;
}

/**
 * Declares a stream of events that fit `event`: `stream(Click, { key: (click) => click.code, keepFor: "7d" })`. Throws
 * `invalid-app` or `invalid-setting` where an option makes no sense.
 */
export function stream<S extends Schema>(
  event: S,
  options: StreamOptions<Infer<S>>,
): Block<"stream", Stream<Infer<S>>> & Delivers<Infer<S>> {
  const settings = readOptions(options);
  const declared = block<"stream", Stream<Infer<S>>>({
    kind: "stream",
    needs: ["database", streamEngine, spoolEngine],
    limits: limitsOf(settings),
    open: async (opening) => {
      const { service, name, engine } = opening;
      // Who only reads declarations, as a supervisor does, need not load what compiles serialisers.
      const [{ eventForm }, { eventHandler }, { StreamHandle }] = await Promise.all([
        import("./event-form.ts"),
        import("./event-handler.ts"),
        import("./stream-handle.ts"),
      ]);
      const form = eventForm(event as Schema<unknown, Infer<S>>);
      const { partitions, keepForMs, batchMax, retries } = settings;
      const log = await engine(streamEngine).open({ service, name, partitions, keepForMs });
      const spool = engine(spoolEngine).open({ service, name }, log);
      const { key, upcast } = options;
      return {
        handle: new StreamHandle({ ...opening, stream: log, spool, form, key }),
        serve: (handler) => {
          const run = handler as (batch: Batch<Infer<S>>) => Promise<unknown>;
          return log.consume({ service, batchMax, retries }, eventHandler(run, { ...opening, form, upcast }));
        },
      };
    },
  });
  return declared as Block<"stream", Stream<Infer<S>>> & Delivers<Infer<S>>;
}

interface StreamSettings {
  readonly keepForMs: number;
  readonly partitions: number;
  readonly batchMax: number;
  readonly retries: number;
}

function readOptions<Event>(options: StreamOptions<Event>): StreamSettings {
  const keepForMs = milliseconds(options.keepFor ?? "7d", "keepFor");
  if (keepForMs <= 0)
    throw new TrellisError("invalid-app", { says: `keepFor is "${options.keepFor}"`, cure: "Give a time above 0." });
  return {
    keepForMs,
    partitions: whole("partitions", options.partitions ?? 4, 1, 64),
    batchMax: whole("batch", options.batch ?? 1_000, 1, 10_000),
    retries: whole("retries", options.retries ?? 5, 0, 100),
  };
}

function whole(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new TrellisError("invalid-app", {
    says: `${option} is ${value}`,
    cure: `Give a whole number from ${least} to ${most}.`,
  });
}

function limitsOf({ keepForMs, partitions, batchMax, retries }: StreamSettings): readonly Limit[] {
  return [
    { name: "events kept", value: keepForMs, unit: "ms", set: "keepFor" },
    { name: "partitions", value: partitions, unit: "entries", set: "partitions" },
    { name: "events in a batch", value: batchMax, unit: "entries", set: "batch" },
    { name: "retries of a batch", value: retries, unit: "retries", set: "retries" },
  ];
}
