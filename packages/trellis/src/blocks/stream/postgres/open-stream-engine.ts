import { TrellisError } from "../../../model/errors.ts";
import type { Log, LogOverview, LogSettings, ReplayAsk, SetAsideEvent, StreamEngine, StreamName } from "../port.ts";
import { eventsTopic, type LogParts, type StreamRow, streamLabel } from "./log-parts.ts";
import { readOverviews } from "./overview.ts";
import { PostgresLog } from "./postgres-log.ts";
import { replay } from "./replay.ts";
import { Retention } from "./retention.ts";
import { readAside } from "./set-aside.ts";
import { watchStreams } from "./watch-streams.ts";

/** Streams in PostgreSQL. Opens no connection of its own. */
export function openStreamEngine(parts: LogParts): StreamEngine {
  return new PostgresStreams(parts);
}

class PostgresStreams implements StreamEngine {
  readonly #parts: LogParts;
  readonly #logs = new Map<string, Promise<PostgresLog>>();
  readonly #retentions: Retention[] = [];

  constructor(parts: LogParts) {
    this.#parts = parts;
    watchStreams(parts.metrics, () => this.overview());
  }

  open(settings: LogSettings): Promise<Log> {
    const label = streamLabel(settings);
    const known = this.#logs.get(label);
    if (known) return known;
    const log = this.#open(settings);
    this.#logs.set(label, log);
    log.catch(() => this.#logs.delete(label));
    return log;
  }

  overview(): Promise<readonly LogOverview[]> {
    return readOverviews(this.#parts.database.platform);
  }

  setAside(ask: Parameters<StreamEngine["setAside"]>[0]): Promise<readonly SetAsideEvent[]> {
    return readAside(this.#parts.database.platform, ask);
  }

  async retrySetAside(ids: readonly string[]): Promise<number> {
    const rows = await this.#parts.database.platform.query<{ stream: number }>(
      "update trellis.stream_set_aside set retrying = true where id = any($1::int8[]) returning stream",
      [ids],
    );
    for (const id of new Set(rows.map(({ stream }) => stream))) this.#parts.wakes.wake(eventsTopic({ id }));
    return rows.length;
  }

  async dropSetAside(ids: readonly string[]): Promise<number> {
    const rows = await this.#parts.database.platform.query(
      "delete from trellis.stream_set_aside where id = any($1::int8[]) returning id",
      [ids],
    );
    return rows.length;
  }

  async replay(ask: ReplayAsk): Promise<void> {
    await replay(await this.#find(ask.stream), ask, this.#parts);
  }

  async close(): Promise<void> {
    const logs = await Promise.allSettled(this.#logs.values());
    await Promise.all([
      ...this.#retentions.map((retention) => retention.close()),
      ...logs.map((log) => (log.status === "fulfilled" ? log.value.close() : undefined)),
    ]);
  }

  async #open(settings: LogSettings): Promise<PostgresLog> {
    const { service, name, partitions, keepForMs } = settings;
    const { database, clock } = this.#parts;
    const [row] = await database.platform.query<{ id: number; partitions: number }>(
      "select id, partitions from trellis.open_stream($1, $2, $3, $4, $5)",
      [service, name, partitions, keepForMs, clock.now()],
    );
    if (!row) throw new TypeError(`${streamLabel(settings)} could not be made.`);
    if (row.partitions !== partitions)
      throw new TrellisError("invalid-app", {
        says: `${streamLabel(settings)} has ${row.partitions} partitions, and is declared with ${partitions}`,
        cure: `Declare it with ${row.partitions} partitions: another number would send events of a key elsewhere. Or give a new stream another name.`,
      });
    const stream: StreamRow = { id: row.id, service, name, partitions, keepForMs };
    const retention = new Retention(stream, this.#parts);
    this.#retentions.push(retention);
    retention.start();
    return new PostgresLog(stream, this.#parts);
  }

  async #find({ service, name }: StreamName): Promise<StreamRow> {
    const [row] = await this.#parts.database.platform.query<StreamRow>(
      `select id, service, name, partitions, keep_for_ms::float8 as "keepForMs" from trellis.stream
       where service = $1 and name = $2`,
      [service, name],
    );
    if (row) return row;
    throw new TrellisError("invalid-input", { says: `There is no stream ${streamLabel({ service, name })}` });
  }
}
