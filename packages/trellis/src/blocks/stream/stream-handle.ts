import type { Mode, Opening } from "../../model/block.ts";
import type { Transaction, Transactional } from "../../model/transaction.ts";
import type { EventForm } from "./event-form.ts";
import { eventRecord } from "./event-record.ts";
import type { Log, Recorded, SpoolWriter } from "./port.ts";
import type { StreamAccount } from "./stream-account.ts";

/** Events in an order that is kept within each key, read by any number of consumers. */
export interface Stream<Event> extends Transactional {
  /** Resolves when the stream has them; on `in(tx)`: they are in it soon after `tx` commits, or never. */
  append(...events: readonly Event[]): Promise<void>;
  /**
   * Returns at once. The event is in this machine's durable log before the answer of the request leaves, and in the stream
   * soon after, exactly once. It never waits and, in production, never throws: what could not be written down is counted
   * as unlogged. In development and tests an event that does not fit the schema throws `invalid-input`.
   */
  spool(event: Event): void;
  /**
   * What became of the events that were spooled, all instances together, in one consistent look. On `in(tx)` of a
   * repeatable read whose first statement it is, as of the moment that `tx` reads everything else of.
   */
  account(): Promise<StreamAccount>;
}

export interface StreamParts<Event> extends Pick<Opening, "service" | "mode" | "log" | "tracing"> {
  readonly stream: Log;
  readonly spool: SpoolWriter;
  readonly form: EventForm<Event>;
  readonly key: (event: Event) => string;
  readonly mode: Mode;
}

/** A stream as apps see it: events in, events out. */
export class StreamHandle<Event> implements Stream<Event> {
  readonly #parts: StreamParts<Event>;
  readonly #tx: Transaction | undefined;

  constructor(parts: StreamParts<Event>, tx?: Transaction) {
    this.#parts = parts;
    this.#tx = tx;
  }

  in(tx: Transaction): this {
    return new StreamHandle(this.#parts, tx) as this;
  }

  async append(...events: readonly Event[]): Promise<void> {
    const { form, stream, tracing } = this.#parts;
    const trace = tracing.current();
    const records: Recorded[] = [];
    for (const event of events) {
      const written = form.writeChecked(event);
      records.push(this.#record(event, typeof written === "string" ? written : await written, trace));
    }
    if (this.#tx) await stream.appendIn(this.#tx, records);
    else await stream.append(records);
  }

  spool(event: Event): void {
    const { form, spool, tracing, mode, log } = this.#parts;
    let record: Recorded;
    try {
      const written = mode === "production" ? form.write(event) : form.writeChecked(event);
      if (typeof written !== "string") {
        this.#spoolLater(event, written);
        return;
      }
      record = this.#record(event, written, tracing.on ? tracing.current() : undefined);
    } catch (error) {
      if (mode !== "production") throw error;
      log.error("An event could not be spooled: it is counted as unlogged", { error });
      spool.lose();
      return;
    }
    spool.write(record);
  }

  async account(): Promise<StreamAccount> {
    await this.#parts.spool.report();
    return this.#parts.stream.account(this.#parts.service, this.#tx);
  }

  /** In development and tests only, where a schema may check asynchronously. */
  #spoolLater(event: Event, written: Promise<string>): void {
    const { spool, log } = this.#parts;
    written
      .then((body) => spool.write(this.#record(event, body, undefined)))
      .catch((error) => {
        log.error("An event could not be spooled: it is counted as unlogged", { error });
        spool.lose();
      });
  }

  #record(event: Event, body: string, trace: string | undefined): Recorded {
    return eventRecord(this.#parts.key(event), body, trace);
  }
}
