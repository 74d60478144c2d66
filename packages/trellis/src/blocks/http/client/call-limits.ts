/** Calls of one block to its service that are under way at once in an instance. */
export const callsAtOnceDefault = 200;
/** So many more wait for a place, each until its own deadline. */
export const callsWaitingMax = 1_000;
/** A call that may be repeated waits this long before it is: by chance, up to twice as long each time. */
export const retryPause = { baseMs: 25, capMs: 250 };
