import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import pg from "pg";
import { afterAll } from "vitest";
import { systemClock, systemRandom } from "../../runtime/system-clock.ts";
import { silentLog } from "../../testing/silent-log.ts";
import { startEmbeddedPostgres } from "./embedded/start-embedded-postgres.ts";
import { type DatabaseEngineOptions, openDatabaseEngine } from "./open-database-engine.ts";
import type { DatabaseEngine } from "./port.ts";

/** For tests: a fresh, empty database on a real PostgreSQL server. */
export interface TestDatabase {
  readonly url: string;
  /** An engine on it, as an instance has one. Closed after the file's tests. */
  engine(options?: Partial<DatabaseEngineOptions>): DatabaseEngine;
  /** One statement on a connection of its own. */
  query<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
}

let server: Promise<string> | undefined;
const cleanUp: (() => Promise<unknown>)[] = [];

/** On the server that TEST_DATABASE_URL names, or on an embedded one that this file's tests share. */
export async function testDatabase(name: string): Promise<TestDatabase> {
  server ??= startServer();
  const address = await server;
  // Files run at the same time in threads of one process, some with the same name for theirs.
  const database = `trellis_test_${name}_${process.pid}_${threadId}`;
  await query(address, `drop database if exists ${database} with (force)`);
  await query(address, `create database ${database}`);
  const url = withDatabase(address, database);
  cleanUp.push(() => query(address, `drop database if exists ${database} with (force)`));
  return {
    url,
    engine: (options) => {
      const engine = openDatabaseEngine({ ...testEngineOptions(url), ...options });
      cleanUp.push(() => engine.close());
      return engine;
    },
    query: (text, values) => query(url, text, values),
  };
}

/** Closes `part` after the file's tests, before the database goes. */
export function closeAfterTests(part: { close(): Promise<unknown> }): void {
  cleanUp.push(() => part.close());
}

function testEngineOptions(url: string): DatabaseEngineOptions {
  const parts = { clock: systemClock, random: systemRandom, log: silentLog };
  return { ...parts, url, poolMax: 8, pipelines: 2, statementTimeoutMs: 10_000, mode: "test" };
}

afterAll(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  server = undefined;
});

async function startServer(): Promise<string> {
  if (process.env.TEST_DATABASE_URL) return process.env.TEST_DATABASE_URL;
  const folder = await mkdtemp(join(tmpdir(), "trellis-test-"));
  const options = { data: join(folder, "postgres"), connectionsMax: 100, clock: systemClock, log: silentLog };
  const embedded = await startEmbeddedPostgres(options);
  cleanUp.unshift(async () => {
    await embedded.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return embedded.url;
}

async function query<Row extends object>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, database: string): string {
  const address = new URL(url);
  address.pathname = `/${database}`;
  return address.href;
}
