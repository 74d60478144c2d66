import type { Limit } from "../../../model/limit.ts";

/** How long messages are kept for instances that were cut off. */
export const messagesKeptMs = 3_600_000;
/** How late a message may be where nothing wakes an instance: its listener may just have been cut off. */
export const pollMs = 500;

export const busLimits: readonly Limit[] = [
  {
    name: "messages between instances, kept",
    value: messagesKeptMs,
    unit: "ms",
    set: "fixed: an instance that was cut off longer forgets what it cached",
  },
  {
    name: "messages between instances, lateness",
    value: pollMs,
    unit: "ms",
    set: "fixed: how often an instance looks that nothing woke",
  },
];
