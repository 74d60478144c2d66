import { AsyncLocalStorage } from "node:async_hooks";
import type { Caller } from "../port.ts";

/** The request that the running code serves. Entered for services that call others, and in development and tests. */
export const callerStorage = new AsyncLocalStorage<Caller>();
