import type { Clock } from "../../model/clock.ts";
import { TrellisError } from "../../model/errors.ts";

/** One load under way, which everyone who asks for its key waits for. */
export interface Flight<Value> {
  /** The moment of `Deletions` at which it began. */
  readonly readAt: number;
  readonly promise: Promise<Value | undefined>;
}

/**
 * Runs `load` and rejects with `deadline-exceeded` after `msMax`, whether or not `load` heeds its signal; `says` names
 * what was loaded. What `load` throws at once becomes a rejection.
 */
export async function loadWithin<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  msMax: number,
  clock: Clock,
  says: () => string,
): Promise<Value> {
  const controller = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = clock.after(msMax, () => {
    const error = new TrellisError("deadline-exceeded", {
      says: `${says()} took longer than ${msMax} ms`,
      cure: "Make the load faster, or raise `loadWithin` of the cache.",
    });
    controller.abort(error);
    late.reject(error);
  });
  try {
    return await Promise.race([load(controller.signal), late.promise]);
  } finally {
    timer.cancel();
  }
}
