import { randomUUID } from "node:crypto";
import type { Log } from "../../../model/log.ts";
import type { Sql } from "../../../model/sql.ts";
import { leaseMs } from "../limits.ts";

export interface LeaseParts {
  readonly sql: Sql;
  /** The instance's name, for people. */
  readonly name: string;
  readonly log: Log;
  /** What this instance had claimed has gone to others: it was silent for too long. */
  onLost(): void;
  /** Jobs of this instance that are to end. */
  onCancelled(ids: ReadonlySet<string>): void;
}

/**
 * This instance's word that it lives, by which it holds all jobs that it has claimed. One row for all of them: a job that
 * runs for an hour costs nothing meanwhile. Time is the database's, so that the clocks of machines do not matter.
 */
export class WorkerLease {
  readonly #parts: LeaseParts;
  #id: string | undefined;
  #beating: Promise<void> | undefined;

  constructor(parts: LeaseParts) {
    this.#parts = parts;
  }

  /** Under which jobs are claimed. Undefined until the database has heard of it. */
  get id(): string | undefined {
    return this.#id;
  }

  /** Says that it lives, and hears what is to be cancelled. One at a time. */
  beat(): Promise<void> {
    this.#beating ??= this.#beat().finally(() => {
      this.#beating = undefined;
    });
    return this.#beating;
  }

  /** What is still claimed goes to others at once. */
  async end(): Promise<void> {
    await this.#beating?.catch(() => undefined);
    const id = this.#id;
    this.#id = undefined;
    if (id !== undefined) await this.#parts.sql.query("update trellis.worker set buried = true where id = $1", [id]);
  }

  async #beat(): Promise<void> {
    const { sql, log, onLost, onCancelled } = this.#parts;
    if (this.#id === undefined) return this.#register();
    const [row] = await sql.query<{ cancelled: readonly string[] }>(extend, [this.#id]);
    if (row) {
      if (row.cancelled.length > 0) onCancelled(new Set(row.cancelled));
      return;
    }
    log.warn("This instance was silent for too long: its jobs have gone to others");
    this.#id = undefined;
    onLost();
    await this.#register();
  }

  async #register(): Promise<void> {
    // Not from `random`: instances that a test seeds alike must not take each other's jobs for theirs.
    const id = randomUUID();
    await this.#parts.sql.query(register, [id, this.#parts.name]);
    this.#id = id;
  }
}

const lease = `now() + interval '${leaseMs} ms'`;

const register = `insert into trellis.worker (id, name, lease_until) values ($1, $2, ${lease})`;

/** A lease that has run out is still good as long as nobody has buried its worker: the database itself may have been away. */
const extend = `
  update trellis.worker set lease_until = ${lease}
  where id = $1 and not buried and (select set_config('synchronous_commit', 'off', true)) = 'off'
  returning array(select id from trellis.job where worker = $1 and state = 'running' and cancelled) as cancelled`;
