import { hash, randomBytes } from "node:crypto";
import type { Queries } from "trellis";
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
  readonly #salts = new Map<number, string>();
  #loading: Promise<void> | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;

  /** Resolves when people of today can be marked, or cannot be for now. */
  async prepare(queries: Queries<Tables>, nowMs: number): Promise<void> {
    if (this.#salts.has(dayOf(nowMs))) return;
    this.#loadBehind(queries, dayOf(nowMs), nowMs);
    await this.#loading;
  }

  /** Undefined as long as today's salt is not known: then it is fetched, and nobody waits for it. */
  mark(queries: Queries<Tables>, nowMs: number, ip: string, userAgent: string): number | undefined {
    const day = dayOf(nowMs);
    const salt = this.#salts.get(day);
    const wanted = salt === undefined ? day : dayOf(nowMs + fetchAheadMs);
    if (!this.#salts.has(wanted)) this.#loadBehind(queries, wanted, nowMs);
    if (salt === undefined) return undefined;
    const bits = hash("sha256", `${salt}${ip} ${userAgent}`, "buffer");
    return visitorMark(bits.readUInt32LE(0), bits.readUInt32LE(4));
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
    this.#salts.set(day, Buffer.from(salt).toString("base64"));
    const [oldest = day] = this.#salts.keys();
    if (this.#salts.size > daysKnownMax) this.#salts.delete(oldest);
  }
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
