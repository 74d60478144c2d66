import type { Clock } from "../../../model/clock.ts";
import { TrellisError } from "../../../model/errors.ts";
import type { Sql } from "../../../model/sql.ts";
import type { Wakes } from "../../../model/wakes.ts";
import type { JobStatus } from "../jobs.ts";
import { tickMs } from "../limits.ts";
import type { ResultPatience } from "../port.ts";

export interface WaitParts {
  readonly sql: Sql;
  readonly wakes: Wakes;
  readonly clock: Clock;
  find(id: string): Promise<JobStatus<string> | undefined>;
  /** A claim may have passed over the job while it was marked. */
  onMarked(): void;
}

/** Woken when the job has ended, where it was marked as awaited. */
export const endedTopic = (id: string): string => `job:${id}`;

/** Waits until the job has ended: woken by whichever instance ends it, and by looking now and then. */
export async function waitForResult(
  id: string,
  { timeoutMs, signal }: ResultPatience,
  parts: WaitParts,
): Promise<string | undefined> {
  const { sql, wakes, clock, find, onMarked } = parts;
  const until = clock.now() + timeoutMs;
  let wake = (): void => undefined;
  const unsubscribe = wakes.on(endedTopic(id), () => wake());
  const onAbort = (): void => wake();
  signal?.addEventListener("abort", onAbort);
  try {
    for (let marked = false; ; ) {
      signal?.throwIfAborted();
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const status = await find(id);
      if (!status) throw new TrellisError("unknown-job", { says: `Nothing is known of a job ${id}` });
      if (status.finishedAt !== undefined) return outcome(status);
      if (clock.now() >= until)
        throw new TrellisError("deadline-exceeded", { says: `Job ${id} was not done within ${timeoutMs} ms` });
      if (!marked) {
        // It may have ended at this moment: then nothing is marked, and the next look finds it.
        marked = true;
        const rows = await sql.query(mark, [id]);
        onMarked();
        if (rows.length === 0) continue;
      }
      const timer = clock.after(Math.max(0, Math.min(tickMs, until - clock.now())), wake);
      await woken;
      timer.cancel();
    }
  } finally {
    unsubscribe();
    signal?.removeEventListener("abort", onAbort);
  }
}

const mark = "update trellis.job set awaited = true where id = $1 returning id";

function outcome({ id, state, result, error }: JobStatus<string>): string | undefined {
  if (state === "done") return result;
  // What its handler threw is not for whoever asks: `find` and the log have it.
  throw new TrellisError("job-failed", {
    says: `Job ${id} ${state === "cancelled" ? "was cancelled" : "is dead"}`,
    ...(error === undefined ? {} : { cause: new Error(error) }),
  });
}
