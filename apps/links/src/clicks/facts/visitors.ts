import { randomBytes } from "node:crypto";
import type { Queries } from "trellis";
import { halfSipHash } from "../../half-sip-hash.ts";
import type { Tables } from "../../tables.ts";
import { dayOf, hourMs } from "../hours.ts";
import { visitorMark } from "../sketch.ts";

const saltBytes = 32;

/** Days whose salts are remembered: yesterday's for a clock that is set back, tomorrow's for midnight. */
const daysKnownMax = 3;

/** So long before midnight the next day's salt is fetched. */
const fetchAheadMs = hourMs;

/** So long after a failure the database is left alone. */
const retryAfterMs = 1_000;

/**
 * Marks people so that a day's different ones can be counted and nobody can be found again: a hash with a salt that all
 * instances share for one day and that is then thrown away, cut down at once to 16 bits.
 */
export class Visitors {
  readonly #salts = new Map<number, Int32Array>();
  #loading: Promise<void> | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;

  /** Resolves when people of today can be marked, or cannot be for now. */
  async prepare(queries: Queries<Tables>, nowMs: number): Promise<void> {
    if (this.#salts.has(dayOf(nowMs))) return;
    this.#loadBehind(queries, dayOf(nowMs), nowMs);
    await this.#loading;
  }

  /** Undefined as long as today's salt is not known: then it is fetched, and nobody waits for it. */
  mark(queries: Queries<Tables>, nowMs: number, ip: string, fingerprint: number): number | undefined {
    const day = dayOf(nowMs);
    const salt = this.#salts.get(day);
    const wanted = salt === undefined ? day : dayOf(nowMs + fetchAheadMs);
    if (!this.#salts.has(wanted)) this.#loadBehind(queries, wanted, nowMs);
    if (salt === undefined) return undefined;
    return saltedMark(salt, ip, fingerprint);
  }

  #loadBehind(queries: Queries<Tables>, day: number, nowMs: number): void {
    if (this.#loading || Math.abs(nowMs - this.#failedAt) < retryAfterMs) return;
    this.#loading = saltOf(queries, day)
      .then(
        (salt) => this.#remember(day, salt),
        // Clicks count without it; only how many people they were is not known.
        () => {
          this.#failedAt = nowMs;
        },
      )
      .finally(() => {
        this.#loading = undefined;
      });
  }

  #remember(day: number, salt: Uint8Array): void {
    this.#salts.set(day, new Int32Array(Uint8Array.from(salt).buffer));
    const [oldest = day] = this.#salts.keys();
    if (this.#salts.size > daysKnownMax) this.#salts.delete(oldest);
  }
}

/**
 * The address is taken in four letters at a time, each step keyed by the salt; a tenth of what SHA-256 costs, in a path
 * that every redirect takes. 32 bits of state mistake one in four thousand million visitors for another: a sketch is
 * wrong by far more.
 */
function saltedMark(salt: Int32Array, ip: string, fingerprint: number): number {
  const [a0 = 0, a1 = 0, b0 = 0, b1 = 0, c0 = 0, c1 = 0] = salt;
  let state = halfSipHash(a0, a1, fingerprint ^ ip.length);
  for (let at = 0; at < ip.length; at += 4) {
    // Beyond the end there is no code: NaN, which counts as 0 here.
    const word =
      ip.charCodeAt(at) | (ip.charCodeAt(at + 1) << 8) | (ip.charCodeAt(at + 2) << 16) | (ip.charCodeAt(at + 3) << 24);
    state = halfSipHash(a0, a1, state ^ word);
  }
  return visitorMark(halfSipHash(b0, b1, state) >>> 0, halfSipHash(c0, c1, state) >>> 0);
}

/** The day's salt, made by whoever needs it first. */
export async function saltOf(queries: Queries<Tables>, day: number): Promise<Uint8Array> {
  await queries
    .insertInto("visitor_salt")
    .values({ day, salt: randomBytes(saltBytes) })
    .onConflict((conflict) => conflict.column("day").doNothing())
    .execute();
  const { salt } = await queries
    .selectFrom("visitor_salt")
    .select("salt")
    .where("day", "=", day)
    .executeTakeFirstOrThrow();
  return salt;
}
