import type { Clock } from "../../../model/clock.ts";
import type { Runner, Statement, StatementResult } from "../port.ts";
import type { Connection } from "./connection.ts";
import { isConnectionLost } from "./database-error.ts";

/** A read that takes this long keeps all behind it waiting. */
const slowMs = 100;

/**
 * A few connections that many reads share, each sent without waiting for the ones before. Serves single reads only: one
 * that fails because its connection was lost is simply sent again.
 */
export class Pipelines implements Runner {
  readonly #slots: readonly Slot[];

  constructor(count: number, parts: PipelineParts) {
    this.#slots = Array.from({ length: count }, () => new Slot(parts));
  }

  get inFlight(): number {
    return this.#slots.reduce((sum, slot) => sum + slot.waiting, 0);
  }

  async run(statement: Statement): Promise<StatementResult> {
    const slot = this.#quietest();
    const { open } = slot;
    try {
      return await slot.run(statement);
    } catch (cause) {
      // Where there was no connection one was already waited for, as long as is worth it.
      if (!open || !isConnectionLost(cause)) throw cause;
      return this.#quietest().run(statement);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.close()));
  }

  #quietest(): Slot {
    const [first, ...others] = this.#slots;
    if (first === undefined) throw new RangeError("There must be at least one pipelined connection.");
    return others.reduce((least, slot) => (slot.waiting < least.waiting ? slot : least), first);
  }
}

export interface PipelineParts {
  readonly clock: Clock;
  /** Called when a connection is first needed, and again after it was lost. */
  connect(): Promise<PipelineConnection>;
  /** The statement took too long for a connection that others share. */
  slow(statement: Statement): void;
}

export interface PipelineConnection {
  readonly connection: Connection;
  end(): Promise<void>;
}

class Slot {
  readonly #parts: PipelineParts;
  #opening: Promise<PipelineConnection> | undefined;
  #open: PipelineConnection | undefined;
  #closed = false;
  #answeredMs = 0;
  waiting = 0;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  get open(): boolean {
    return this.#usable() !== undefined;
  }

  async run(statement: Statement): Promise<StatementResult> {
    this.waiting += 1;
    try {
      const { connection } = this.#usable() ?? (await this.#opened());
      const sentMs = this.#parts.clock.now();
      const result = await connection.runAlone(statement);
      this.#answered(statement, sentMs);
      return result;
    } finally {
      this.waiting -= 1;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#opening?.catch(() => undefined);
    await this.#open?.end();
    this.#open = undefined;
  }

  /** Its own time begins when the one before it was answered. */
  #answered(statement: Statement, sentMs: number): void {
    const nowMs = this.#parts.clock.now();
    if (nowMs - Math.max(sentMs, this.#answeredMs) >= slowMs) this.#parts.slow(statement);
    this.#answeredMs = nowMs;
  }

  #usable(): PipelineConnection | undefined {
    return this.#open?.connection.lost ? undefined : this.#open;
  }

  #opened(): Promise<PipelineConnection> {
    if (this.#closed) return Promise.reject(new TypeError("The database was closed."));
    this.#opening ??= this.#reopen().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #reopen(): Promise<PipelineConnection> {
    this.#open = await this.#parts.connect();
    return this.#open;
  }
}
