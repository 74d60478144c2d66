import type { Limit } from "../../model/limit.ts";

/** The largest event, as JSON in UTF-8. */
export const eventBytesMax = 256 * 1024;
/** The longest key of an event. */
export const keyCharactersMax = 1_024;
/** What a handler is given at once: more only where a single event is larger. */
export const batchBytesMax = 4 * 1024 * 1024;
/** How long a handler may take for a batch. */
export const batchMsMax = 60_000;
/** Batches of one consumer that an instance handles at the same moment. */
export const batchesAtOnce = 2;
/** Those and the handled ones that wait until their commit is on the disk: each has a connection of its own. */
export const batchConnections = 4;
/** Events that one statement appends or moves out of the outbox. */
export const appendMax = 5_000;
/** How late an event is handled at most where no wake came. */
export const pollMs = 1_000;
/** The least between two looks of a consumer, so that what trickles in is handled in batches. */
export const lookPauseMs = 10;
/** Having handled all there was, a partition looks again after so many times as long as that took, at most `restMsMax`. */
export const restShare = 10;
export const restMsMax = 1_000;
/** The least between two moves out of the outbox. */
export const relayPauseMs = 25;
/** How often an instance says that it still consumes. */
export const beatMs = 2_000;
/** One that has not said so for this long is dead, and the others take its partitions. */
export const deadMs = 7_000;
/** How long a stopping consumer waits for its handler, before it aborts it. */
export const stopMs = 10_000;
/** Events of the edge that a service is asked to make at the same moment. */
export const edgeEventsAtOnce = 64;
/** How long it may take for these: then they are tried again. */
export const edgeEventMsMax = 5_000;
/** Between two looks at what has been kept long enough, up to twice as long. */
export const retentionLookMs = 600_000;

export const streamLimits: readonly Limit[] = [
  {
    name: "event",
    value: eventBytesMax,
    unit: "bytes",
    set: "fixed: put what is larger into a file, and its name into the event",
  },
  { name: "key of an event", value: keyCharactersMax, unit: "characters", set: "fixed: it is kept beside each event" },
  {
    name: "batch of events",
    value: batchBytesMax,
    unit: "bytes",
    set: "fixed: whatever the number of events, so that a slow consumer stays small",
  },
  { name: "handling a batch", value: batchMsMax, unit: "ms", set: "fixed: then it counts as failed" },
  {
    name: "batches that one consumer handles at once in an instance",
    value: batchesAtOnce,
    unit: "entries",
    set: "fixed: so that a slow consumer stays small",
  },
  {
    name: "connections of one consumer in an instance",
    value: batchConnections,
    unit: "connections",
    set: "fixed: batches that are handled, and those whose commit is waited for; of the service's pool",
  },
  { name: "stop of a consumer", value: stopMs, unit: "ms", set: "fixed: then its handler is aborted" },
  {
    name: "silence of a consuming instance",
    value: deadMs,
    unit: "ms",
    set: "fixed: then others take over its partitions",
  },
  {
    name: "rest of a partition that has handled all there was",
    value: restMsMax,
    unit: "ms",
    set: `fixed: at most, and ${restShare} times as long as its batch took, from that one on, so that under load few large batches are handled`,
  },
  {
    name: "events of the edge that a service makes at once",
    value: edgeEventsAtOnce,
    unit: "entries",
    set: `fixed: within ${edgeEventMsMax} ms, else they are tried again`,
  },
  {
    name: "lateness of an event",
    value: pollMs,
    unit: "ms",
    set: "fixed: how often a consumer looks that nothing woke",
  },
];
