import { randomUUID } from "node:crypto";
import type { Unsubscribe } from "../../../model/bus.ts";
import type { Timer } from "../../../model/clock.ts";
import { beatMs, deadMs } from "../limits.ts";
import { type LogParts, type StreamRow, streamLabel } from "./log-parts.ts";
import { partitionsOf } from "./partitions-of.ts";

export interface MembershipOptions {
  readonly stream: StreamRow;
  readonly group: string;
  readonly parts: LogParts;
  /** The connections, as the server numbers them, on which this member handles a batch now. */
  backends(): readonly number[];
  /** Partitions that somebody has been holding for long. */
  stuck(): readonly number[];
  /** From now on these partitions are this member's to handle. */
  onShared(partitions: readonly number[]): void;
}

/**
 * One instance's place among those that consume for a group. Nobody hands partitions over: whoever sees the same members
 * comes to the same shares, and while two see different ones the lock on a partition's cursor lets one of them at a time.
 */
export class Membership {
  readonly #options: MembershipOptions;
  // Not from `random`: instances that a test seeds alike are still different members.
  readonly #member = randomUUID();
  readonly #topic: string;
  #timer: Timer | undefined;
  #beating: Promise<void> | undefined;
  #unsubscribe: Unsubscribe | undefined;
  #known = "";
  #left = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#topic = `stream-members:${options.stream.id}:${options.group}`;
  }

  start(): void {
    this.#unsubscribe = this.#options.parts.wakes.on(this.#topic, () => this.#beatNow());
    this.#beatNow();
  }

  /** Gives up its partitions, and tells the others. */
  async leave(): Promise<void> {
    this.#left = true;
    this.#unsubscribe?.();
    this.#timer?.cancel();
    await this.#beating;
    const { parts, stream, group } = this.#options;
    try {
      await parts.database.platform.query(leaveStatement, [stream.id, group, this.#member]);
      parts.wakes.wake(this.#topic);
    } catch (error) {
      parts.log.debug("A consumer could not say that it leaves: it will be missed", {
        stream: streamLabel(stream),
        error,
      });
    }
  }

  #beatNow(): void {
    if (this.#left) return;
    this.#beating ??= this.#beat().finally(() => {
      this.#beating = undefined;
      this.#timer?.cancel();
      if (!this.#left) this.#timer = this.#options.parts.clock.after(beatMs, () => this.#beatNow());
    });
  }

  async #beat(): Promise<void> {
    const { parts, stream, group, backends, stuck, onShared } = this.#options;
    const { platform } = parts.database;
    try {
      const others = await platform.query<{ member: string }>(beatStatement, [
        stream.id,
        group,
        this.#member,
        parts.instance,
        backends(),
      ]);
      const members = [this.#member, ...others.map(({ member }) => member)];
      if (this.#left) return;
      onShared(partitionsOf(this.#member, members, stream.partitions));
      this.#tellOthersOfChange(members);
      if (stuck().length > 0) await platform.query(endHoldersStatement, [stream.id, group, stuck()]);
    } catch (error) {
      // Its share stays as it was: others may take it too, which the cursors' locks bear.
      parts.log.debug("A consumer could not say that it lives", { stream: streamLabel(stream), error });
    }
  }

  #tellOthersOfChange(members: readonly string[]): void {
    const known = members.toSorted().join();
    if (known !== this.#known) this.#options.parts.wakes.wake(this.#topic);
    this.#known = known;
  }
}

const living = `beat >= clock_timestamp() - interval '${deadMs} milliseconds'`;

const beatStatement = `
  with buried as (
    delete from trellis.stream_member where ctid = any(array(
      select ctid from trellis.stream_member
      where stream = $1 and "group" = $2 and member <> $3 and not (${living}) for update skip locked
    ))
  ), here as (
    insert into trellis.stream_member (stream, "group", member, instance, backends, beat)
    values ($1, $2, $3, $4, $5, clock_timestamp())
    on conflict (stream, "group", member) do update set backends = excluded.backends, beat = excluded.beat
  )
  select member::text from trellis.stream_member
  where stream = $1 and "group" = $2 and member <> $3 and ${living}`;

const leaveStatement = `delete from trellis.stream_member where stream = $1 and "group" = $2 and member = $3`;

// A process that was frozen, or cut off with its machine, keeps its lock for as long as the server believes in it. A member that
// lives has named each connection on which a batch takes this long.
const endHoldersStatement = `
  select pg_terminate_backend(holder.pid)
  from trellis.stream_cursor as cursor
  join pg_locks as held on held.locktype = 'transactionid' and held.granted and held.transactionid = cursor.xmax
  join pg_stat_activity as holder on holder.pid = held.pid
  where cursor.stream = $1 and cursor."group" = $2 and cursor.partition = any($3)
    and holder.xact_start < clock_timestamp() - interval '${deadMs} milliseconds'
    and not exists (
      select from trellis.stream_member as member
      where member.stream = $1 and member."group" = $2 and holder.pid = any(member.backends)
    )`;
