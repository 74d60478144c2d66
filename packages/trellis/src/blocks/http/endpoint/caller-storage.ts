import { AsyncLocalStorage } from "node:async_hooks";
import type { Caller } from "../port.ts";

/** The request that the running code serves. Entered for services that call others, and in development and tests. */
export const callerStorage = new AsyncLocalStorage<Caller | undefined>();

/**
 * Runs what serves no request, though one may have led to it in this process: a job would else make its calls in the name
 * of whoever enqueued it, and only for as long as that one waits.
 */
export function outsideRequests<T>(run: () => T): T {
  return callerStorage.run(undefined, run);
}
