import type { Clock, Random } from "../../../model/clock.ts";
import type { Log } from "../../../model/log.ts";
import type { Sql } from "../../../model/sql.ts";
import { backoffMs } from "../../../policies/backoff.ts";
import { claimMax } from "../limits.ts";
import { type Ended, type EndedClaim, endClaims } from "./ending.ts";
import { logHindrance } from "./log-hindrance.ts";

export interface EndingsParts {
  readonly sql: Sql;
  readonly queue: string;
  readonly keepForMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  onWritten(written: WrittenEndings): void;
}

/** Endings of one kind that are in the database. */
export interface WrittenEndings extends Ended {
  readonly kind: EndedClaim["ending"]["kind"];
  /** How many had been taken over by other workers. */
  readonly lost: number;
}

const retryPause = { baseMs: 50, capMs: 1_000 } as const;

/**
 * Writes down what became of one queue's attempts, many in one statement, in any order. While the database is away it
 * waits: an attempt that is not written down is made again by another worker.
 */
export class Endings {
  readonly #parts: EndingsParts;
  #waiting: EndedClaim[] = [];
  #writing: Promise<void> | undefined;
  #inFlight = 0;
  #givenUp = false;

  constructor(parts: EndingsParts) {
    this.#parts = parts;
  }

  /** How many have not been written down yet. */
  get pending(): number {
    return this.#waiting.length + this.#inFlight;
  }

  add(ended: EndedClaim): void {
    this.#waiting.push(ended);
    this.#writing ??= Promise.resolve().then(() => this.#writeAll());
  }

  /** Resolves when all are written down, or given up. */
  async written(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  /** Tries no more where the database is away: then others do these jobs again. */
  giveUp(): void {
    this.#givenUp = true;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, claimMax);
      this.#inFlight = batch.length;
      for (const claims of alike(batch)) await this.#write(claims);
      this.#inFlight = 0;
    }
    this.#writing = undefined;
  }

  async #write(claims: readonly EndedClaim[]): Promise<void> {
    const ended = await this.#writePatiently(claims);
    if (!ended) return this.#parts.log.warn("What became of jobs could not be written down", { count: claims.length });
    const kind = claims[0]?.ending.kind ?? "done";
    this.#parts.onWritten({ ...ended, kind, lost: claims.length - ended.count });
  }

  async #writePatiently(claims: readonly EndedClaim[]): Promise<Ended | undefined> {
    const { sql, keepForMs, clock, random, log } = this.#parts;
    for (let tries = 1; !this.#givenUp; tries += 1) {
      try {
        return await endClaims(sql, claims, keepForMs);
      } catch (error) {
        logHindrance(log, "What became of jobs cannot be written down yet", error);
        await new Promise<void>((resolve) => clock.after(backoffMs(tries, random, retryPause), resolve));
      }
    }
    return undefined;
  }
}

/** One statement ends claims of one kind, epoch and worker: nearly always all of them. */
function alike(claims: readonly EndedClaim[]): Iterable<readonly EndedClaim[]> {
  const groups = new Map<string, EndedClaim[]>();
  for (const claim of claims) {
    const { ending, epoch, worker } = claim;
    const key = `${ending.kind} ${epoch} ${worker}`;
    const group = groups.get(key);
    if (group) group.push(claim);
    else groups.set(key, [claim]);
  }
  return groups.values();
}
