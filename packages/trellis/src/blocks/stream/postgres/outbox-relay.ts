import { appendMax, pollMs, relayPauseMs } from "../limits.ts";
import { eventsTopic, type LogParts, type StreamRow, streamLabel } from "./log-parts.ts";
import { PacedLook } from "./paced-look.ts";

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
  readonly #looks: PacedLook;
  #seen = nothing;
  #closed = false;

  constructor(stream: StreamRow, parts: LogParts) {
    this.#stream = stream;
    this.#parts = parts;
    this.#looks = new PacedLook({ clock: parts.clock, pauseMs: relayPauseMs, pollMs, look: () => this.#moveAll() });
  }

  /** Something may have been committed. Returns at once. */
  look(): void {
    this.#looks.ask();
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#looks.close();
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
