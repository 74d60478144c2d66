import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { silentLog } from "trellis/testing";
import { startEmbeddedPostgres } from "../../packages/trellis/src/blocks/database/embedded/start-embedded-postgres.ts";
import { systemClock } from "../../packages/trellis/src/runtime/system-clock.ts";
import { hasProgram } from "../src/harness/has-program.ts";
import { scratchFolder } from "../src/harness/scratch-folder.ts";
import { newDataFolder } from "../src/harness/trellis-command.ts";

/** What the sides keep their jobs in, for the length of a bench. */
export interface Servers {
  /** The environment of a side's process, with an empty database and an empty queue's name. */
  fresh(): Promise<Readonly<Record<string, string>>>;
  stop(): Promise<void>;
}

const readyMsMax = 10_000;

/** The PostgreSQL that Trellis brings along, for all that need one, and Debian's redis-server. */
export async function startServers(): Promise<Servers> {
  const folder = newDataFolder();
  const postgres = await startEmbeddedPostgres({
    data: folder.data,
    connectionsMax: 100,
    clock: systemClock,
    log: silentLog,
  });
  const redis = await startRedis();
  let count = 0;
  return {
    async fresh() {
      count += 1;
      const name = `bench_${count}`;
      const client = new pg.Client({ connectionString: postgres.url });
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      const url = new URL(postgres.url);
      url.pathname = `/${name}`;
      return { DATABASE_URL: url.href, REDIS_PORT: String(redis.port), QUEUE_NAME: name };
    },
    async stop() {
      await redis.stop();
      await postgres.stop();
      folder.remove();
    },
  };
}

/** With its append-only file synced every second, as BullMQ's guide advises. */
async function startRedis(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  if (!hasProgram("redis-server")) throw new Error("BullMQ needs redis-server: apt-get install redis-server.");
  const folder = scratchFolder(tmpdir(), "trellis-bench-redis-");
  const port = await freePort();
  const options = { port, bind: "127.0.0.1", dir: folder.path, appendonly: "yes", appendfsync: "everysec", save: "" };
  const words = Object.entries(options).flatMap(([option, value]) => [`--${option}`, String(value)]);
  const server: ChildProcess = spawn("redis-server", words, { stdio: "ignore" });
  const ended = once(server, "exit");
  const stop = async (): Promise<void> => {
    server.kill("SIGTERM");
    await ended;
    folder.remove();
  };
  for (const until = Date.now() + readyMsMax; !(await answers(port)); await wait(20))
    if (Date.now() > until) {
      await stop();
      throw new Error("redis-server does not answer.");
    }
  return { port, stop };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
