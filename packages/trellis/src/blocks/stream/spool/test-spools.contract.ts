import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, onTestFinished } from "vitest";
import type { Log as Lines } from "../../../model/log.ts";
import { noMetrics } from "../../../model/metrics.ts";
import { scopeOf } from "../../../model/transaction.ts";
import { TurnDepartures } from "../../../runtime/turn-departures.ts";
import { blockOf } from "../../../spool/block.ts";
import { recordText } from "../../../spool/record-text.ts";
import { silentLog } from "../../../testing/silent-log.ts";
import { type TestClock, testClock } from "../../../testing/test-clock.ts";
import { testRandom } from "../../../testing/test-random.ts";
import { type TestWakes, testWakes } from "../../../testing/test-wakes.ts";
import type { DatabaseEngine } from "../../database/port.ts";
import { type TestDatabase, testDatabase } from "../../database/test-database.contract.ts";
import type { Log, Recorded, SpoolEngine, SpoolMove, SpoolWriter } from "../port.ts";
import { openSpoolEngine, type SpoolEngineOptions } from "./open-spool-engine.ts";
import { moveSpool, spoolMigrations } from "./spool-table.ts";

/** A folder that goes with the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "trellis-spool-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const clicks = { service: "links", name: "clicks" };

export function click(number: number, key = `k${number % 7}`): Recorded {
  return { key, body: JSON.stringify({ number, what: "é😀\n" }) };
}

/** What `trellis.spool` says of all spools of a stream, and how many rows it has for them. */
export interface Account {
  readonly spooled: number;
  readonly forwarded: number;
  readonly unlogged: number;
  /** Those in which anything was ever spooled. */
  readonly rows: number;
  readonly allRows: number;
}

/** A stream that keeps what it is given in a table, in the transaction that moves the spool. */
export class TableLog {
  readonly #engine: DatabaseEngine;
  /** Runs before each batch; what it throws is the database's refusal. */
  before: (records: readonly Recorded[], move: SpoolMove) => Promise<void> = async () => undefined;
  /** Runs when a batch is there, before anyone is told. */
  after: () => Promise<void> = async () => undefined;
  batches = 0;

  constructor(engine: DatabaseEngine) {
    this.#engine = engine;
  }

  /** As the port: a spool uses nothing else of it. */
  get port(): Log {
    return this as unknown as Log;
  }

  async appendSpooled(records: readonly Recorded[], move: SpoolMove): Promise<boolean> {
    await this.before(records, move);
    const moved = await this.#engine.transaction(async (tx) => {
      const scope = scopeOf(tx);
      if (!(await moveSpool(scope, move))) return false;
      await scope.query(
        "insert into trellis.arrived (key, body, trace) select * from unnest($1::text[], $2::text[], $3::text[])",
        [records.map(({ key }) => key), records.map(({ body }) => body), records.map(({ trace }) => trace ?? null)],
      );
      return true;
    });
    if (moved) this.batches += 1;
    await this.after();
    return moved;
  }
}

/** Spools of one data folder and database, as several instances have them. */
export class TestSpools {
  readonly database: TestDatabase;
  readonly engine: DatabaseEngine;
  readonly folder = testFolder();
  readonly clock: TestClock = testClock();
  readonly wakes: TestWakes = testWakes();

  private constructor(database: TestDatabase, engine: DatabaseEngine) {
    this.database = database;
    this.engine = engine;
  }

  static async begin(database: TestDatabase): Promise<TestSpools> {
    const engine = database.engine();
    await engine.migrate(spoolMigrations);
    await engine.platform.query(
      "create table if not exists trellis.arrived (at bigserial primary key, key text, body text, trace text)",
    );
    await engine.platform.query("truncate trellis.arrived, trellis.spool");
    return new TestSpools(database, engine);
  }

  /** The spools of one instance. Its process lives until it is closed or left behind. */
  instance({ opens = clicks, ...options }: Partial<SpoolEngineOptions> & { readonly opens?: typeof clicks } = {}): {
    readonly spools: SpoolEngine;
    readonly stream: TableLog;
    readonly writer: SpoolWriter;
    readonly departures: TurnDepartures;
  } {
    const departures = new TurnDepartures();
    const stream = new TableLog(this.engine);
    const spools = openSpoolEngine({
      folder: this.folder,
      instance: "web-1",
      bytesMax: 1e9,
      database: this.engine,
      departures,
      wakes: this.wakes.peer(),
      clock: this.clock,
      random: testRandom(),
      log: silentLog,
      metrics: noMetrics,
      ...options,
    });
    onTestFinished(() => spools.close());
    return { spools, stream, departures, writer: spools.open(opens, stream.port) };
  }

  /** The numbers of the clicks that have arrived, in their order. */
  async arrived(): Promise<readonly number[]> {
    const rows = await this.engine.platform.query<{ readonly body: string }>(
      "select body from trellis.arrived order by at",
    );
    return rows.map(({ body }) => JSON.parse(body).number);
  }

  async account(): Promise<Account> {
    const [row] = await this.engine.platform.query<Account>(
      `select coalesce(sum(position), 0)::int as spooled, coalesce(sum(forwarded), 0)::int as forwarded,
         coalesce(sum(unlogged), 0)::int as unlogged, (count(*) filter (where position > 0))::int as rows, count(*)::int as "allRows" from trellis.spool`,
    );
    return row as Account;
  }
}

/** As the spools of these tests are named. */
export const streamName = `${clicks.service}.${clicks.name}`;

/** As the record stands in a file that was written alone. */
export function written(record: Recorded): Buffer {
  return Buffer.from(blockOf(recordText(record)));
}

/** A folder below `folder` that no process holds, with these records in the part of that name. Returns its one file. */
export function leaveBehind(
  folder: string,
  records: readonly Recorded[],
  { process = "web-9-dead", part = streamName, start = 0 } = {},
): string {
  const place = join(folder, "spool", process, part);
  mkdirSync(place, { recursive: true });
  const path = join(place, `${String(start).padStart(16, "0")}.spool`);
  writeFileSync(path, Buffer.concat(records.map(written)));
  // Whoever looks takes what has a lock that nobody holds.
  writeFileSync(join(folder, "spool", process, "lock"), "");
  return path;
}

/** The data folder as a `kill -9` of everything would leave it now: files as they are, and nobody has a lock. */
export function asAfterKill(all: TestSpools): string {
  const folder = testFolder();
  cpSync(all.folder, folder, { recursive: true });
  return folder;
}

/** A log that keeps its lines from `info` on. */
export function keptLog(): { readonly log: Lines; readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (says: string): void => void lines.push(says);
  const log: Lines = { ...silentLog, info: keep, warn: keep, error: keep, with: () => log };
  return { log, lines };
}

/** For each test of the file spools of their own, on a database that the tests share. */
export function useTestSpools(): () => Promise<TestSpools> {
  let shared: TestDatabase | undefined;
  beforeAll(async () => {
    shared = await testDatabase("spool");
  }, 60_000);
  return async () => TestSpools.begin(shared as TestDatabase);
}

export function upTo(count: number, from = 0): readonly number[] {
  return Array.from({ length: count - from }, (_, index) => from + index);
}
