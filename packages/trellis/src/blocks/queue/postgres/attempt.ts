import type { Timer } from "../../../model/clock.ts";
import { TrellisError } from "../../../model/errors.ts";
import { scopeOf, type Transaction } from "../../../model/transaction.ts";
import type { ClaimedJob } from "../port.ts";
import { byIndex } from "./by-index.ts";
import type { ClaimedRow } from "./claims.ts";
import { endInTransaction } from "./ending.ts";

export interface AttemptParts {
  readonly worker: string;
  readonly keepForMs: number;
  onProgress(attempt: Attempt, done: number, of: number): void;
  /** Its completion was committed with its handler's transaction. */
  onCompleted(attempt: Attempt, awaited: boolean): void;
}

/** One run of a handler on a claimed job. */
export class Attempt implements ClaimedJob {
  readonly id: string;
  readonly payload: string;
  readonly attempt: number;
  readonly epoch: number;
  readonly worker: string;
  readonly trace: string | undefined;
  /** Milliseconds since 1970. */
  startedAt = 0;
  /** When its time is over. */
  deadline: Timer | undefined;
  /** Its job is done: the handler's transaction has said so. */
  completed = false;
  readonly #parts: AttemptParts;
  #ended = false;
  #controller: AbortController | undefined;
  #abortedBy: unknown;

  constructor(row: ClaimedRow, parts: AttemptParts) {
    this.id = row.id;
    this.payload = row.payload;
    this.attempt = row.attempts;
    this.epoch = row.epoch;
    this.trace = row.trace ?? undefined;
    this.worker = parts.worker;
    this.#parts = parts;
  }

  get signal(): AbortSignal {
    // Made when somebody looks: most handlers never do, and it is the dearest part of a short job.
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#abortedBy !== undefined) this.#controller.abort(this.#abortedBy);
    }
    return this.#controller.signal;
  }

  /** Nothing more comes of it. False where it has ended before. */
  end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.deadline?.cancel();
    return true;
  }

  abort(reason: unknown): void {
    this.#abortedBy ??= reason;
    this.#controller?.abort(reason);
  }

  get aborted(): boolean {
    return this.#abortedBy !== undefined;
  }

  progress(done: number, of: number): void {
    if (!this.#ended) this.#parts.onProgress(this, done, of);
  }

  async complete(tx: Transaction, result?: string): Promise<void> {
    if (this.#ended) throw this.#lost();
    const scope = scopeOf(tx);
    const values = [[this.id], this.epoch, this.worker, this.#parts.keepForMs, [result ?? null]];
    const [row] = await byIndex<{ count: number; awaited: readonly string[] | null }>(scope, endInTransaction, values);
    if (row?.count !== 1) throw this.#lost();
    scope.afterCommit(() => {
      this.completed = true;
      this.#parts.onCompleted(this, row.awaited !== null);
    });
  }

  #lost(): TrellisError {
    return new TrellisError("lease-lost", { says: `Attempt ${this.attempt} at job ${this.id} is over` });
  }
}
