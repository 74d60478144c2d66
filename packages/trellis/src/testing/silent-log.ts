import type { Log } from "../model/log.ts";

const nothing = (): void => {};

/** Keeps quiet. */
export const silentLog: Log = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  with: () => silentLog,
};
