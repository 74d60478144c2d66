import type { Limit } from "../../model/limit.ts";

/** How often deadlines and what is due are looked at: a deadline is met this much late at most. */
export const lookEveryMs = 50;
/** A supervisor that was not there when a request began to wait for an instance is told again. */
export const wantedAgainMs = 1_000;
/** What could be sent to nobody goes again after so long, while its pool may be waited for. */
export const againEveryMs = 200;
/** What clients are told who found nobody to answer them. */
export const retryAfterMs = 1_000;
/** For a service whose rule names none. */
export const concurrencyMaxDefault = 10_000;
export const queueMaxDefault = 1_000;
/** For the head of an answer, all tries together, where the rule names none. */
export const answerTimeoutMsDefault = 30_000;
/** A body is kept for another try up to this size. */
export const keptBodyBytesMax = 65_536;

export const poolLimits: readonly Limit[] = [
  {
    name: "requests to one service at once",
    value: concurrencyMaxDefault,
    unit: "requests",
    set: "fixed, or `concurrencyMax` of the service in the file of `trellis gateway --config`",
  },
  {
    name: "requests waiting for a place in one service",
    value: queueMaxDefault,
    unit: "requests",
    set: "fixed, or `queueMax` of the service in the file of `trellis gateway --config`",
  },
  {
    name: "wait for an instance's answer",
    value: answerTimeoutMsDefault,
    unit: "ms",
    set: "fixed, or `timeoutMs` of the service in the file of `trellis gateway --config`",
  },
  {
    name: "body kept by the gateway for another try",
    value: keptBodyBytesMax,
    unit: "bytes",
    set: "fixed: a request with a larger one is tried once",
  },
];
