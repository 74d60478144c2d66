import { TrellisError } from "../../../model/errors.ts";
import { scopeOf } from "../../../model/transaction.ts";
import type { ReplayAsk } from "../port.ts";
import { eventsTopic, type LogParts, type StreamRow, streamLabel } from "./log-parts.ts";

/** Moves a group's cursors to where `from` leads, within what is kept. Throws `invalid-input` where there is no such group. */
export async function replay(stream: StreamRow, { group, from }: ReplayAsk, parts: LogParts): Promise<void> {
  const moved = await parts.database.transaction((tx) =>
    "time" in from
      ? scopeOf(tx).query(moveToTime, [stream.id, group, Math.ceil(from.time)])
      : scopeOf(tx).query(moveToOffset, [stream.id, group, from.offset, from.partition ?? null]),
  );
  if (moved.length === 0)
    throw new TrellisError("invalid-input", {
      says: `${streamLabel(stream)} has no group "${group}" that could be moved so`,
      cure: "See `trellis streams` for the groups and partitions there are.",
    });
  parts.wakes.wake(eventsTopic(stream));
}

// Locked in one order, so that two replays do not wait for each other.
const locked = `
  locked as materialized (
    select partition from trellis.stream_cursor where stream = $1 and "group" = $2 order by partition for update
  )`;

const moveToTime = `
  with ${locked}
  update trellis.stream_cursor as cursor set "offset" = trellis.offset_at($1, locked.partition, $3)
  from locked where cursor.stream = $1 and cursor."group" = $2 and cursor.partition = locked.partition
  returning cursor.partition`;

const moveToOffset = `
  with ${locked}
  update trellis.stream_cursor as cursor
  set "offset" = greatest(oldest.firsts[locked.partition + 1], least($3, log.nexts[locked.partition + 1]))
  from locked, trellis.log_end($1) as log, (
    select firsts from trellis.stream_segment where stream = $1 order by number limit 1
  ) as oldest
  where cursor.stream = $1 and cursor."group" = $2 and cursor.partition = locked.partition
    and ($4::int is null or cursor.partition = $4)
  returning cursor.partition`;
