import { type Duration, milliseconds } from "../../model/duration.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Limit } from "../../model/limit.ts";

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

/** The options with what holds where they are silent. */
export interface StreamSettings {
  readonly keepForMs: number;
  readonly partitions: number;
  readonly batchMax: number;
  readonly retries: number;
}

/** Throws `invalid-app` or `invalid-setting` where an option makes no sense. */
export function streamSettings<Event>(options: StreamOptions<Event>): StreamSettings {
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

/** What `trellis plan` prints of a stream. */
export function limitsOf({ keepForMs, partitions, batchMax, retries }: StreamSettings): readonly Limit[] {
  return [
    { name: "events kept", value: keepForMs, unit: "ms", set: "keepFor" },
    { name: "partitions", value: partitions, unit: "entries", set: "partitions" },
    { name: "events in a batch", value: batchMax, unit: "entries", set: "batch" },
    { name: "retries of a batch", value: retries, unit: "retries", set: "retries" },
  ];
}
