import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startEmbeddedPostgres } from "../blocks/database/embedded/start-embedded-postgres.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { silentLog } from "./silent-log.ts";

/** An empty database on a real PostgreSQL server. */
export interface FreshDatabase {
  readonly url: string;
  /** Drops it. The embedded server ends with the last one of this process. */
  drop(): Promise<void>;
}

/** On the server at `serverUrl`, or on an embedded one in a temporary folder that this process's tests share. */
export async function freshDatabase(serverUrl: string | undefined): Promise<FreshDatabase> {
  if (serverUrl) return onServer(serverUrl, async () => {});
  const server = await acquireEmbedded();
  return onServer(server.url, server.release);
}

async function onServer(serverUrl: string, release: () => Promise<void>): Promise<FreshDatabase> {
  const name = `trellis_test_${randomBytes(6).toString("hex")}`;
  await run(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await run(serverUrl, `drop database ${name} with (force)`);
      await release();
    },
  };
}

interface SharedServer {
  readonly url: string;
  stop(): Promise<void>;
}

let shared: Promise<SharedServer> | undefined;
let users = 0;

async function acquireEmbedded(): Promise<{ readonly url: string; release(): Promise<void> }> {
  users += 1;
  shared ??= startShared();
  const server = await shared;
  return {
    url: server.url,
    release: async () => {
      users -= 1;
      if (users > 0) return;
      shared = undefined;
      await server.stop();
    },
  };
}

async function startShared(): Promise<SharedServer> {
  const folder = await mkdtemp(join(tmpdir(), "trellis-test-"));
  const data = join(folder, "postgres");
  const server = await startEmbeddedPostgres({ data, connectionsMax: 300, log: silentLog, clock: systemClock });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
