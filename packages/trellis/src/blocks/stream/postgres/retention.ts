import type { Timer } from "../../../model/clock.ts";
import type { Counter } from "../../../model/metrics.ts";
import { scopeOf } from "../../../model/transaction.ts";
import { retentionLookMs } from "../limits.ts";
import { type LogParts, type StreamRow, streamLabel } from "./log-parts.ts";

/** Drops the days of a stream that have been kept long enough, handled or not. One instance at a time does it. */
export class Retention {
  readonly #stream: StreamRow;
  readonly #parts: LogParts;
  readonly #missed: Counter;
  #timer: Timer | undefined;
  #looking: Promise<void> | undefined;

  constructor(stream: StreamRow, parts: LogParts) {
    this.#stream = stream;
    this.#parts = parts;
    this.#missed = parts.metrics.counter(
      "trellis_stream_dropped_unhandled_total",
      "Events dropped after their time though a group had not handled them",
      { stream: streamLabel(stream) },
    );
  }

  /** Looks at once, then now and then. */
  start(): void {
    this.#looking = this.#look().finally(() => {
      const { clock, random } = this.#parts;
      if (this.#looking !== undefined) this.#timer = clock.after(retentionLookMs * (1 + random()), () => this.start());
    });
  }

  async close(): Promise<void> {
    const looking = this.#looking;
    this.#looking = undefined;
    this.#timer?.cancel();
    await looking;
  }

  async #look(): Promise<void> {
    try {
      while (await this.#dropOldest());
    } catch (error) {
      // A consumer that is still reading there, or no database: the next look comes.
      this.#parts.log.debug("Old events could not be dropped", { stream: streamLabel(this.#stream), error });
    }
  }

  /** Whether there was a day to drop. */
  #dropOldest(): Promise<boolean> {
    const { database, clock } = this.#parts;
    const { id, keepForMs } = this.#stream;
    return database.transaction(async (tx) => {
      const sql = scopeOf(tx);
      await sql.query("select set_config('lock_timeout', '2s', true)");
      // A stream that nobody appends to begins its new day here, so that its last one grows old as well.
      await sql.query("select from trellis.begin_append($1, $2)", [id, clock.now()]);
      const [old] = await sql.query<Old>(findOld, [id, clock.now() - keepForMs]);
      if (!old) return false;
      const skipped = await sql.query<Skipped>(skipDropped, [id, old.firsts]);
      await sql.query("delete from trellis.stream_segment where stream = $1 and number = $2", [id, old.number]);
      await sql.query(`drop table ${old.log_table}`);
      scopeOf(tx).afterCommit(() => this.#complainOf(skipped));
      return true;
    });
  }

  #complainOf(skipped: readonly Skipped[]): void {
    for (const { group, events } of skipped) {
      this.#missed.add(Number(events));
      this.#parts.log.warn("Events were dropped after their time that a group had not handled", {
        stream: streamLabel(this.#stream),
        group,
        events: Number(events),
      });
    }
  }
}

interface Old {
  readonly number: number;
  /** Where the day after it begins, in each partition. */
  readonly firsts: readonly bigint[];
  readonly log_table: string;
}

interface Skipped {
  readonly group: string;
  readonly events: bigint;
}

/** A day is over when the next one has begun, and old when that was so long ago. */
const findOld = `
  select segment.number, next.firsts, trellis.log_table($1, segment.number) as log_table
  from trellis.stream_segment as segment
  join trellis.stream_segment as next on next.stream = $1 and next.number = segment.number + 1
  where segment.stream = $1 and next.from_ms <= $2
  order by segment.number limit 1`;

const skipDropped = `
  with late as (
    select "group", partition, "offset" from trellis.stream_cursor
    where stream = $1 and "offset" < ($2::int8[])[partition + 1] order by "group", partition for update
  ), moved as (
    update trellis.stream_cursor as cursor set "offset" = ($2::int8[])[cursor.partition + 1]
    from late
    where cursor.stream = $1 and cursor."group" = late."group" and cursor.partition = late.partition
  )
  select "group", sum(($2::int8[])[partition + 1] - "offset")::int8 as events from late group by "group"`;
