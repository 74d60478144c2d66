import type { Limit } from "../../../model/limit.ts";

/** Calls of one block to its service that are under way at once in an instance. */
export const callsAtOnceDefault = 200;
/** So many more wait for a place, each until its own deadline. */
export const callsWaitingMax = 1_000;
/** A call that may be repeated waits this long before it is: by chance, up to twice as long each time. */
export const retryPause = { baseMs: 25, capMs: 250 };
/** A WebSocket on which more than this has come that nobody read is ended: the other side cannot be made to wait. */
export const unreadBytesMax = 16 * 1_024 * 1_024;
/** While more than this is on its way out of a WebSocket, the next message waits. */
export const unsentBytesMax = 1_024 * 1_024;
/** How often that is looked at. */
export const unsentLookMs = 10;

/** Of each WebSocket to another service. */
export const socketLimits: readonly Limit[] = [
  { name: "messages of a socket that nobody read", value: unreadBytesMax, unit: "bytes", set: "fixed: then it ends" },
  {
    name: "messages on their way out of a socket",
    value: unsentBytesMax,
    unit: "bytes",
    set: "fixed: then `send` waits",
  },
];
