import type { Clock } from "../../../model/clock.ts";
import { TrellisError } from "../../../model/errors.ts";
import type { Transaction } from "../../../model/transaction.ts";
import { batchMsMax } from "../limits.ts";
import type { BatchHandler, Delivered } from "../port.ts";

/** An event that its consumer cannot use, and why. */
export interface Unfit {
  readonly offset: bigint;
  readonly reason: string;
}

export interface Handling {
  readonly handler: BatchHandler;
  readonly events: Delivered;
  readonly tx: Transaction;
  readonly clock: Clock;
  readonly ending: AbortSignal;
}

/** Runs the handler, for as long as a batch may take. Resolves with what it has put aside. */
export async function handleInTime({ handler, events, tx, clock, ending }: Handling): Promise<readonly Unfit[]> {
  const unfit: Unfit[] = [];
  const controller = new AbortController();
  const cut = Promise.withResolvers<never>();
  const end = (says: string): void => {
    const error = new TrellisError("deadline-exceeded", { says });
    controller.abort(error);
    cut.reject(error);
  };
  const onEnding = (): void => end("The instance ended before its handler had done with a batch of events");
  const timer = clock.after(batchMsMax, () => end(`A handler took longer than ${batchMsMax} ms for a batch of events`));
  ending.addEventListener("abort", onEnding);
  if (ending.aborted) onEnding();
  try {
    const setAside = (index: number, reason: string): void =>
      void unfit.push({ offset: events.first + BigInt(index), reason });
    await Promise.race([handler({ ...events, tx, signal: controller.signal, setAside }), cut.promise]);
    return unfit;
  } finally {
    timer.cancel();
    ending.removeEventListener("abort", onEnding);
  }
}
