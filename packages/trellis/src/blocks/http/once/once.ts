import type { Clock } from "../../../model/clock.ts";
import { TrellisError } from "../../../model/errors.ts";
import type { Log } from "../../../model/log.ts";
import type { Sql } from "../../../model/sql.ts";
import { scopeOf } from "../../../model/transaction.ts";
import type { Idempotency, KeepAnswer, OnceAsk, WireAnswer } from "../port.ts";
import { answersKeptMs } from "./limits.ts";

export interface OnceOptions {
  /** On the platform's own tables. */
  readonly sql: Sql;
  readonly clock: Clock;
  readonly log: Log;
  /** How long an answer is kept: a day unless said otherwise. */
  readonly keepForMs?: number;
  /** The longest that any request may take: after that its runner counts as crashed, and the next one runs. */
  readonly claimMs: number;
}

/** The platform's own migrations for idempotency keys. */
export const onceMigrations = {
  owner: "trellis:once",
  schema: "trellis",
  folder: import.meta.resolve("./migrations/"),
} as const;

/**
 * Keeps the answers to idempotency keys in PostgreSQL. An answer that was kept in the transaction of its work is there
 * exactly when the work is, whatever crashes. One that was not is stored after the work: a crash in between lets a retry
 * run once more. Answers from 500 on, streams and errors are not stored and free the key.
 */
export function openOnce(options: OnceOptions): Idempotency {
  return new Once(options);
}

/** What stands in the table for a key: our own new claim, or what another request has there. */
type Found = { readonly claim: string } | (Held & { readonly claim: null });

interface Held {
  readonly request_hash: string;
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

class Once implements Idempotency {
  readonly #sql: Sql;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #keepForMs: number;
  readonly #claimMs: number;

  constructor({ sql, clock, log, keepForMs = answersKeptMs, claimMs }: OnceOptions) {
    this.#sql = sql;
    this.#clock = clock;
    this.#log = log;
    this.#keepForMs = keepForMs;
    this.#claimMs = claimMs;
  }

  async run(ask: OnceAsk, work: (keep: KeepAnswer) => Promise<WireAnswer>): Promise<WireAnswer> {
    const found = await this.#claimOrFind(ask);
    if (found.claim === null) return firstAnswer(ask, found);
    const { claim } = found;
    const answer = await this.#work(ask, claim, work);
    try {
      await this.#storeOrRelease(ask, claim, answer);
    } catch (cause) {
      // The work is done, so its answer is the truth, whether or not a retry will hear it too.
      this.#log.warn("An answer could not be kept with its idempotency key", { service: ask.service, cause });
    }
    return answer;
  }

  async #work(ask: OnceAsk, claim: string, work: (keep: KeepAnswer) => Promise<WireAnswer>): Promise<WireAnswer> {
    try {
      return await work((tx, answer) => this.#keepWithTheWork(scopeOf(tx), ask, claim, answer));
    } catch (error) {
      // Where even this fails the claim runs out by itself, and the first error is the one to hear of.
      await this.#release(ask, claim).catch(() => undefined);
      throw error;
    }
  }

  async #claimOrFind(ask: OnceAsk): Promise<Found> {
    const nowMs = this.#clock.now();
    const values = [...place(ask), ask.requestHash, at(nowMs), at(nowMs + this.#claimMs)];
    // Nothing comes back where the other request came or went at this very moment.
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const [found] = await this.#sql.query<Found>(claimOrFind, values);
      if (found) return found;
    }
    throw inProgress();
  }

  async #keepWithTheWork(tx: Sql, ask: OnceAsk, claim: string, answer: WireAnswer): Promise<void> {
    const rows = await tx.query(`${store} returning claim`, this.#stored(ask, claim, answer));
    if (rows.length > 0) return;
    throw new TrellisError("deadline-exceeded", {
      says: "The request took longer than its idempotency key was held for it, so nothing of it was kept",
    });
  }

  async #storeOrRelease(ask: OnceAsk, claim: string, answer: WireAnswer): Promise<void> {
    if (answer.status >= 500 || typeof answer.body !== "string") await this.#release(ask, claim);
    else await this.#sql.query(`${store} and status is null`, this.#stored(ask, claim, answer));
  }

  #stored(ask: OnceAsk, claim: string, { status, headers, body }: WireAnswer): readonly unknown[] {
    if (typeof body !== "string") throw new TypeError("What is no text cannot be kept with an idempotency key.");
    return [...place(ask), claim, status, JSON.stringify(headers), body, at(this.#clock.now() + this.#keepForMs)];
  }

  async #release(ask: OnceAsk, claim: string): Promise<void> {
    await this.#sql.query(release, [...place(ask), claim]);
  }
}

const ours = "service = $1 and route = $2 and actor = $3 and key = $4";

// A claim that ran out may be taken over by the same request, a kept answer that ran out by any. Each claim also drops
// two rows that ran out, so that there are never many, and nothing has to sweep.
const claimOrFind = `
  with dropped as (
    delete from trellis.once where ctid in (
      select ctid from trellis.once where until <= $6 and not (${ours})
      order by until limit 2 for update skip locked
    )
  ), claimed as (
    insert into trellis.once as held (service, route, actor, key, request_hash, until)
    values ($1, $2, $3, $4, $5, $7)
    on conflict (service, route, actor, key) do update
      set claim = excluded.claim, request_hash = excluded.request_hash, until = excluded.until,
          status = null, headers = null, body = null
      where held.until <= $6 and (held.status is not null or held.request_hash = excluded.request_hash)
    returning claim
  )
  select claim, null as request_hash, null as status, null as headers, null as body from claimed
  union all
  select null, request_hash, status, headers, body from trellis.once
  where ${ours} and not exists (select from claimed)`;

const store = `update trellis.once set status = $6, headers = $7, body = $8, until = $9 where ${ours} and claim = $5`;

const release = `delete from trellis.once where ${ours} and claim = $5 and status is null`;

function place({ service, route, actorId, key }: OnceAsk): readonly string[] {
  return [service, route, actorId, key];
}

function at(ms: number): string {
  return new Date(ms).toISOString();
}

function firstAnswer(ask: OnceAsk, { request_hash, status, headers, body }: Held): WireAnswer {
  if (request_hash !== ask.requestHash) throw new TrellisError("key-reused");
  if (status === null) throw inProgress();
  return { status, headers: { ...headers, "idempotent-replayed": "true" }, body };
}

function inProgress(): TrellisError {
  return new TrellisError("key-in-progress", { retryAfterMs: 1_000 });
}
