import { TrellisError } from "../../../model/errors.ts";
import type { Log } from "../../../model/log.ts";

/** What will be tried again. That the database is away for a while is no news of the queues'; all else is. */
export function logHindrance(log: Log, says: string, error: unknown): void {
  const isAway =
    error instanceof TrellisError && (error.code === "database-unreachable" || error.code === "unavailable");
  if (isAway) log.debug(says, { error });
  else log.warn(says, { error });
}
