import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../../runtime/system-clock.ts";
import { silentLog } from "../../../testing/silent-log.ts";
import type { EmbeddedServer } from "../port.ts";
import { type EmbeddedOptions, startEmbeddedPostgres } from "./start-embedded-postgres.ts";

// Real servers: they have the machine's time, not a virtual clock's.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: string;
let data: string;
const running = new Set<EmbeddedServer>();
const holders = new Set<ChildProcess>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trellis-embedded-"));
  await chmod(folder, 0o755);
  data = join(folder, "postgres");
});
afterEach(async () => {
  for (const holder of holders) holder.kill("SIGKILL");
  for (const server of running) await server.stop();
  running.clear();
  holders.clear();
  // A server that was killed may still be writing.
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

async function start(at = data, more: Partial<EmbeddedOptions> = {}): Promise<EmbeddedServer> {
  const options = { data: at, connectionsMax: 20, clock: systemClock, log: silentLog, ...more };
  const server = await startEmbeddedPostgres(options);
  running.add(server);
  return server;
}

async function query(url: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}

/** A whole process of its own that holds a server, to be killed. */
async function startElsewhere(
  env = process.env,
  ...words: readonly string[]
): Promise<{ holder: ChildProcess; url: string; pid: number; origin: string }> {
  const script = fileURLToPath(import.meta.resolve("./hold-server.contract.ts"));
  const holder = spawn(process.execPath, [script, data, ...words], { stdio: ["ignore", "pipe", "inherit"], env });
  holders.add(holder);
  const [line] = await once(createInterface({ input: holder.stdout }), "line");
  return { holder, ...JSON.parse(line) };
}

async function kill(holder: ChildProcess): Promise<void> {
  const gone = once(holder, "exit");
  holder.kill("SIGKILL");
  await gone;
}

const writeRows = ["create table if not exists kept (n int)", "insert into kept select 1 from generate_series(1, 10)"];

describe("starting", () => {
  test("creates the data, and finds them again", async () => {
    const first = await start();
    expect(first.origin).toBe("created");
    await query(first.url, ...writeRows);
    await first.stop();
    const second = await start();
    expect(second.origin).toBe("started");
    expect(await query(second.url, "select count(*)::int as n from kept")).toEqual([{ n: 10 }]);
  });

  test("is reached by its socket only, and waits for the disk at each commit", async () => {
    const { url } = await start();
    const shown = await query(
      url,
      "select name, setting from pg_settings where name in ('listen_addresses', 'fsync', 'synchronous_commit', 'full_page_writes', 'max_connections') order by name",
    );
    expect(Object.fromEntries(shown.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: "on",
      full_page_writes: "on",
      listen_addresses: "",
      max_connections: "60",
      synchronous_commit: "on",
    });
    const socket = new URL(url).searchParams.get("host") ?? "";
    expect(Buffer.byteLength(`${socket}/.s.PGSQL.5432`)).toBeLessThanOrEqual(107);
    expect((await stat(socket)).mode & 0o077).toBe(0);
  });

  test("text has the same order on every machine", async () => {
    const { url } = await start();
    const [row] = await query(
      url,
      "select datlocprovider as provider, datlocale as locale from pg_database where datname = 'trellis'",
    );
    expect(row).toEqual({ provider: "b", locale: "C.UTF-8" });
  });

  test("works under a folder that only its owner may enter, and with a long path", async () => {
    const deep = join(folder, "closed", "x".repeat(100), "postgres");
    await mkdir(join(folder, "closed"), { mode: 0o700 });
    const { url } = await start(deep);
    expect(await query(url, "select 1 as n")).toEqual([{ n: 1 }]);
  });

  test("what a killed creation left is removed, and in nobody's way", async () => {
    const gone = spawn(process.execPath, ["-e", ""]);
    await once(gone, "exit");
    const left = `${data}.new-${gone.pid}-abcdef`;
    await mkdir(left);
    await writeFile(join(left, "PG_VERSION"), "18\n");
    await start();
    expect(await readdir(folder)).toEqual(["postgres"]);
  });
});

describe("after a kill", () => {
  test("of the process that started it, the next start has every row that was acknowledged", async () => {
    const first = await startElsewhere();
    await query(first.url, ...writeRows);
    await kill(first.holder);
    const server = await start();
    expect(await query(server.url, "select count(*)::int as n from kept")).toEqual([{ n: 10 }]);
  });

  test("of a process that PostgreSQL outlived, the next start ends it in good order first", async () => {
    // Without `setpriv` on the PATH the kernel is not asked to end PostgreSQL too.
    const programs = join(folder, "bin");
    await mkdir(programs);
    for (const program of ["find", "chown"]) await symlink(`/usr/bin/${program}`, join(programs, program));
    const first = await startElsewhere({ PATH: programs });
    await query(first.url, ...writeRows);
    await kill(first.holder);
    expect(await query(first.url, "select 1 as alive")).toEqual([{ alive: 1 }]);
    const server = await start();
    expect(server.origin).toBe("started");
    expect(server.pid).not.toBe(first.pid);
    expect(await query(server.url, "select count(*)::int as n from kept")).toEqual([{ n: 10 }]);
  });

  test("of the whole tree, three times during writes, no acknowledged row is missing", async () => {
    let acknowledged = 0;
    for (let round = 0; round < 3; round += 1) {
      const { holder, url, pid } = await startElsewhere();
      const client = new pg.Client({ connectionString: url });
      client.on("error", () => undefined);
      await client.connect();
      await client.query("create table if not exists kept (n int)");
      const writing = (async () => {
        for (;;) {
          await client.query("insert into kept values (1)");
          acknowledged += 1;
          if (acknowledged % 50 === 25) {
            // The other way round the kernel would ask PostgreSQL to end in good order first.
            process.kill(pid, "SIGKILL");
            holder.kill("SIGKILL");
          }
        }
      })();
      await expect(writing).rejects.toThrow();
    }
    const server = await start();
    expect(server.origin).toBe("recovered");
    const [row] = await query(server.url, "select count(*)::int as n from kept");
    expect(acknowledged).toBeGreaterThan(60);
    // A row whose acknowledgement was on its way when it was killed may be there too.
    expect(row?.n).toBeGreaterThanOrEqual(acknowledged);
    expect(row?.n).toBeLessThanOrEqual(acknowledged + 3);
  });

  test("of PostgreSQL alone, it says that it has ended, and can be started again", async () => {
    const first = await start();
    await query(first.url, ...writeRows);
    process.kill(first.pid, "SIGKILL");
    await first.ended;
    const second = await start();
    expect(second.origin).toBe("recovered");
    expect(await query(second.url, "select count(*)::int as n from kept")).toEqual([{ n: 10 }]);
  });
});

describe("a server that is to outlive its process", () => {
  const outliving = () => ({ adopts: true, outlives: { logFile: join(folder, "postgres.log") } });

  test("serves on after a kill, is adopted by the next start, and ended by its stop", async () => {
    const first = await startElsewhere(process.env, join(folder, "postgres.log"));
    await kill(first.holder);
    await query(first.url, ...writeRows);
    const server = await start(data, outliving());
    expect(server).toMatchObject({ origin: "adopted", pid: first.pid, url: first.url });
    expect(await query(server.url, "select count(*)::int as n from kept")).toEqual([{ n: 10 }]);
    await server.stop();
    await expect(query(first.url, "select 1")).rejects.toThrow();
    expect((await start(data, outliving())).origin).toBe("started");
  });

  test("is left running by whoever only looks in for a moment", async () => {
    const first = await startElsewhere(process.env, join(folder, "postgres.log"));
    await kill(first.holder);
    const visitor = await start(data, { adopts: true });
    expect(visitor.pid).toBe(first.pid);
    await visitor.stop();
    expect(await query(first.url, "select 1 as alive")).toEqual([{ alive: 1 }]);
    expect((await start(data, outliving())).pid).toBe(first.pid);
  });

  test("is started anew where it would be started otherwise now", async () => {
    const first = await startElsewhere(process.env, join(folder, "postgres.log"));
    await kill(first.holder);
    const server = await start(data, { ...outliving(), connectionsMax: 30 });
    expect(server.origin).toBe("started");
    expect(server.pid).not.toBe(first.pid);
  });

  test("is told to have ended when it is killed after that, and can be started again", async () => {
    const first = await startElsewhere(process.env, join(folder, "postgres.log"));
    await kill(first.holder);
    const server = await start(data, outliving());
    process.kill(server.pid, "SIGKILL");
    await server.ended;
    expect((await start(data, outliving())).origin).toBe("recovered");
  });

  test("that cannot start says why, out of its file", async () => {
    await (await start(data, outliving())).stop();
    await writeFile(join(data, "postgresql.conf"), "no such line\n");
    await expect(start(data, outliving())).rejects.toMatchObject({
      code: "data-folder",
      message: expect.stringContaining("postgresql.conf"),
    });
  });
});

describe("a folder that cannot be used", () => {
  test("because another Trellis runs on it", async () => {
    await startElsewhere();
    await expect(start()).rejects.toMatchObject({ code: "data-folder-in-use" });
  });

  test("because this process runs on it already, until it has stopped", async () => {
    const first = await start();
    await expect(start()).rejects.toMatchObject({ code: "data-folder-in-use" });
    await first.stop();
    await start();
  });

  test.each([
    ["19", "data-folder-newer"],
    ["17", "data-folder-older"],
  ])("because PostgreSQL %s wrote it: %s", async (version, code) => {
    await mkdir(data);
    await writeFile(join(data, "PG_VERSION"), `${version}\n`);
    await expect(start()).rejects.toMatchObject({ code, message: expect.stringContaining(version) });
    expect(await readFile(join(data, "PG_VERSION"), "utf8")).toBe(`${version}\n`);
  });

  test("because it holds something else, which stays as it is", async () => {
    await mkdir(data);
    await writeFile(join(data, "photo.jpg"), "");
    await expect(start()).rejects.toMatchObject({ code: "data-folder" });
    expect(await readdir(data)).toEqual(["photo.jpg"]);
  });

  test("because it is a file, or lies in one", async () => {
    await writeFile(data, "");
    await expect(start()).rejects.toMatchObject({ code: "data-folder" });
    await expect(start(join(data, "postgres"))).rejects.toMatchObject({ code: "data-folder" });
  });

  test("because its files are damaged, with what PostgreSQL said", async () => {
    await (await start()).stop();
    await rm(join(data, "pg_wal"), { recursive: true });
    await expect(start()).rejects.toMatchObject({
      code: "data-folder",
      message: expect.stringContaining("PostgreSQL"),
    });
  });
});
