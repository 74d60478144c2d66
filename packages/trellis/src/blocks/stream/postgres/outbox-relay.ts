import type { Timer } from "../../../model/clock.ts";
import { appendMax, pollMs } from "../limits.ts";
import { eventsTopic, type LogParts, type StreamRow, streamLabel } from "./log-parts.ts";

/** A snapshot that has seen nothing. */
const nothing = "1:1:";

/**
 * Moves events of committed transactions from the outbox into their stream. Whichever instance has committed some does it
 * for all; each also looks by itself, for those who died in between. It reads on from what it has seen before, as a
 * snapshot: a transaction that commits late is not skipped, and what others have taken meanwhile is not searched through.
 */
export class OutboxRelay {
  readonly #stream: StreamRow;
  readonly #parts: LogParts;
  #seen = nothing;
  #running: Promise<void> | undefined;
  #again = false;
  #poll: Timer | undefined;
  #closed = false;

  constructor(stream: StreamRow, parts: LogParts) {
    this.#stream = stream;
    this.#parts = parts;
  }

  start(): void {
    this.#poll = this.#parts.clock.after(pollMs, () => {
      this.look();
      this.start();
    });
  }

  /** Something may have been committed. Returns at once. */
  look(): void {
    if (this.#closed) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    this.#running = this.#moveAll().finally(() => {
      this.#running = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.look();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#poll?.cancel();
    await this.#running;
  }

  async #moveAll(): Promise<void> {
    try {
      while (!this.#closed && (await this.#moveSome()));
    } catch (error) {
      // Nothing is lost: it begins again where the last one ended that succeeded.
      this.#parts.log.debug("The outbox could not be moved", { stream: streamLabel(this.#stream), error });
    }
  }

  /** Whether there is more. */
  async #moveSome(): Promise<boolean> {
    const { database, clock, wakes } = this.#parts;
    const [outcome] = await database.platform.query<{ moved: number; seen: string | null }>(
      "select moved, seen from trellis.relay_outbox($1, $2, $3::pg_snapshot, $4)",
      [this.#stream.id, clock.now(), this.#seen, appendMax],
    );
    if (!outcome) return false;
    if (outcome.moved > 0) wakes.wake(eventsTopic(this.#stream));
    if (outcome.seen === null) return true;
    this.#seen = outcome.seen;
    return false;
  }
}
