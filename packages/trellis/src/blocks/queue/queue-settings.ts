import { milliseconds } from "../../model/duration.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Limit } from "../../model/limit.ts";
import type { Schema } from "../../model/schema.ts";
import type { QueueOptions } from "./jobs.ts";
import { payloadCharactersMax } from "./limits.ts";
import type { JobQueueSettings } from "./port.ts";

/** A queue's options with every default filled in and every unit settled. */
export interface QueueSettings<Job> extends Omit<JobQueueSettings, "queue" | "service"> {
  readonly unique: ((job: Job) => string) | undefined;
  readonly returns: Schema | undefined;
  readonly upcast: ((old: unknown) => unknown) | undefined;
}

const concurrencyMax = 1_000;
const retriesMax = 1_000;
/** When each of so many jobs last started is remembered, so that a rate holds in every stretch of time. */
const ratedJobsMax = 10_000;

/** Throws `invalid-setting` or `invalid-app` where an option makes no sense. */
export function readOptions<Job>(options: QueueOptions<Job>): QueueSettings<Job> {
  const { retries = 5, concurrency = 16, backoff = { base: "1s", cap: "1h" }, rate } = options;
  const { unique, returns, upcast } = options;
  const baseMs = duration(backoff.base, "backoff.base");
  return {
    retries: whole(retries, "retries", 0, retriesMax),
    backoff: { baseMs, capMs: Math.max(baseMs, duration(backoff.cap, "backoff.cap")) },
    timeoutMs: duration(options.timeout ?? "5m", "timeout"),
    concurrency: whole(concurrency, "concurrency", 1, concurrencyMax),
    keepForMs: milliseconds(options.keepFor ?? "1d", "keepFor"),
    ...(rate && {
      rate: { jobs: whole(rate.jobs, "rate.jobs", 1, ratedJobsMax), everyMs: duration(rate.every, "rate.every") },
    }),
    unique,
    returns,
    upcast,
  };
}

export function limitsOf(settings: QueueSettings<never>): readonly Limit[] {
  return [
    { name: "a job", value: payloadCharactersMax, unit: "characters", set: "fixed: keep what is larger as a file" },
    { name: "jobs at once in an instance", value: settings.concurrency, unit: "requests", set: "concurrency" },
    { name: "an attempt", value: settings.timeoutMs, unit: "ms", set: "timeout" },
    { name: "attempts after the first", value: settings.retries, unit: "retries", set: "retries" },
    { name: "pause before a retry", value: settings.backoff.capMs, unit: "ms", set: "backoff" },
    ...(settings.rate
      ? ([
          { name: "starts in all instances", value: settings.rate.jobs, unit: "requests", set: "rate.jobs" },
          { name: "stretch of time that these are for", value: settings.rate.everyMs, unit: "ms", set: "rate.every" },
        ] as const)
      : []),
    { name: "finished jobs, kept", value: settings.keepForMs, unit: "ms", set: "keepFor" },
  ];
}

function duration(text: string, of: string): number {
  const ms = milliseconds(text, of);
  if (ms > 0) return ms;
  throw new TrellisError("invalid-app", { says: `${of} is "${text}"`, cure: `Give a time above 0.` });
}

function whole(number: number, of: string, least: number, most: number): number {
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new TrellisError("invalid-app", {
    says: `${of} is ${number}`,
    cure: `Give a whole number from ${least} to ${most}.`,
  });
}
