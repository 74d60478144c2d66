import { VisitorHash } from "./visitor-hash.ts";

/** Where the salts come from that all processes of an app share. */
export interface SaltSource {
  /** 32 bytes by chance, the same for everyone who asks for this day (days of UTC since 1970). */
  saltOf(day: number): Promise<Uint8Array>;
}

const dayMs = 86_400_000;

/** So long before midnight the next day's salt is fetched. */
export const fetchAheadMs = 3_600_000;

/** So long after a failure the source is left alone. */
export const retryAfterMs = 1_000;

/** The day of UTC that a moment lies in. */
export function dayOf(ms: number): number {
  return Math.floor(ms / dayMs);
}

/** The salts of today and of the days beside it, each fetched once: what people can be told apart by for a day. */
export class Salts {
  readonly #source: SaltSource;
  readonly #hashes = new Map<number, VisitorHash>();
  #loading: Promise<void> | undefined;
  #failedAtMs = Number.NEGATIVE_INFINITY;

  constructor(source: SaltSource) {
    this.#source = source;
  }

  /** Resolves when people can be told apart at that moment, or cannot be for now. */
  async prepare(nowMs: number): Promise<void> {
    const day = dayOf(nowMs);
    // What is being fetched may be another day's.
    for (let attempt = 0; attempt < 2 && !this.#hashes.has(day); attempt++) {
      this.#loadBehind(day, nowMs);
      await this.#loading;
    }
  }

  /** Undefined as long as the day's salt is not known: then it is fetched, and nobody waits for it. */
  at(nowMs: number): VisitorHash | undefined {
    const day = dayOf(nowMs);
    const hash = this.#hashes.get(day);
    const wanted = hash === undefined ? day : dayOf(nowMs + fetchAheadMs);
    if (!this.#hashes.has(wanted)) this.#loadBehind(wanted, nowMs);
    return hash;
  }

  #loadBehind(day: number, nowMs: number): void {
    if (this.#loading || Math.abs(nowMs - this.#failedAtMs) < retryAfterMs) return;
    this.#loading = this.#source
      .saltOf(day)
      .then(
        (salt) => this.#remember(day, salt),
        // Requests are served without it; only how many people sent them is not known.
        () => {
          this.#failedAtMs = nowMs;
        },
      )
      .finally(() => {
        this.#loading = undefined;
      });
  }

  /** Whoever was there on other days must not be found again. */
  #remember(day: number, salt: Uint8Array): void {
    for (const known of this.#hashes.keys()) if (Math.abs(known - day) > 1) this.#hashes.delete(known);
    this.#hashes.set(day, new VisitorHash(salt));
  }
}
