import type { Limit } from "../../model/limit.ts";

/** A payload or a result as JSON. */
export const payloadCharactersMax = 1_000_000;
/** How many jobs one `enqueueMany` may bring. */
export const enqueuedAtOnceMax = 100_000;
/** An instance that has not been heard of for so long has lost its jobs to the others. */
export const leaseMs = 5_000;
/** How often an instance says that it lives, asks for cancellations, and looks for what nothing woke it for. */
export const tickMs = 1_000;
/** The most jobs that are claimed in one statement. */
export const claimMax = 256;
/** How long an attempt may go on after it was told to end, while its instance stops. */
export const stopMsDefault = 10_000;
/** The most finished jobs that are removed in one statement. */
export const purgedAtOnce = 1_000;

export const queueLimits: readonly Limit[] = [
  {
    name: "silence of an instance before its jobs go to others",
    value: leaseMs,
    unit: "ms",
    set: "fixed: a job whose worker was killed runs elsewhere within 10 s",
  },
  {
    name: "jobs of one claim",
    value: claimMax,
    unit: "entries",
    set: "fixed: what is claimed is begun within moments",
  },
  {
    name: "jobs of one enqueueMany",
    value: enqueuedAtOnceMax,
    unit: "entries",
    set: "fixed: they are one statement",
  },
];
