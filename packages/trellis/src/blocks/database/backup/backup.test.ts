import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../../runtime/system-clock.ts";
import { silentLog } from "../../../testing/silent-log.ts";
import { startEmbeddedPostgres } from "../embedded/start-embedded-postgres.ts";
import type { EmbeddedServer } from "../port.ts";
import { backUp } from "./backup.ts";
import { restoreBackup } from "./restore.ts";

// Real servers: they have the machine's time, not a virtual clock's.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: string;
let server: EmbeddedServer;
let file: string;
/** Rows that were acknowledged when the backup began, and when it had ended. */
let rowsBefore: number;
let rowsAfter: number;

const start = (data: string) => startEmbeddedPostgres({ data, connectionsMax: 20, clock: systemClock, log: silentLog });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trellis-backup-"));
  server = await start(join(folder, "postgres"));
  file = join(folder, "backup.tar.gz");
  await backUpDuringWrites();
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function backUpDuringWrites(): Promise<void> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query("create table kept (n int)");
  let rows = 0;
  const write = async (): Promise<void> => {
    await client.query("insert into kept values ($1)", [rows + 1]);
    rows += 1;
  };
  for (let count = 0; count < 20; count += 1) await write();
  let ended = false;
  const writing = (async () => {
    while (!ended) await write();
  })();
  rowsBefore = rows;
  await backUp(server.url, file);
  ended = true;
  await writing;
  rowsAfter = rows;
  await client.end();
}

async function rowsIn(url: string): Promise<{ count: number; last: number }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query("select count(*)::int as count, max(n) as last from kept");
  await client.end();
  return rows[0];
}

/** A copy of the backup, changed; the name says how in a failed test's message. */
async function damaged(name: string, change: (tar: Buffer) => Buffer): Promise<string> {
  const path = join(folder, `${name}.tar.gz`);
  await writeFile(path, gzipSync(change(gunzipSync(await readFile(file))), { level: 1 }));
  return path;
}

describe("a backup", () => {
  test("taken during writes starts elsewhere with every row up to some moment of it, and none after", async () => {
    const data = join(folder, "restored");
    await restoreBackup(file, data);
    const restored = await start(data);
    const { count, last } = await rowsIn(restored.url);
    await restored.stop();
    expect(rowsAfter).toBeGreaterThan(rowsBefore);
    expect(count).toBe(last);
    expect(count).toBeGreaterThanOrEqual(rowsBefore);
    expect(count).toBeLessThanOrEqual(rowsAfter);
  });

  test("is an ordinary archive that ends with its manifest", async () => {
    const tar = gunzipSync(await readFile(file));
    expect(tar.subarray(0, 100).toString()).toContain("backup_label");
    expect(tar.includes('"Manifest-Checksum"')).toBe(true);
    expect(tar.length % 512).toBe(0);
  });

  test("leaves nothing behind where it cannot be written, or the server is not there", async () => {
    await expect(backUp(server.url, join(folder, "none", "b"))).rejects.toMatchObject({ code: "data-folder" });
    const nowhere = "postgres://trellis@localhost/trellis?host=/nowhere";
    await expect(backUp(nowhere, join(folder, "b"))).rejects.toMatchObject({ code: "database-unreachable" });
    expect((await readdir(folder)).filter((name) => name.startsWith("b.") || name === "b")).toEqual([]);
  });
});

describe("a damaged backup is refused, and nothing of it stays:", () => {
  const refused = async (path: string): Promise<void> => {
    const data = join(folder, "refused");
    await expect(restoreBackup(path, data)).rejects.toMatchObject({ code: "broken-backup" });
    expect((await readdir(folder)).filter((name) => name.startsWith("refused"))).toEqual([]);
  };

  test("one that was cut short", async () => {
    const path = join(folder, "short.tar.gz");
    await writeFile(path, await readFile(file));
    await truncate(path, 1_000_000);
    await refused(path);
  });

  test("one with a byte changed in a file", async () => {
    await refused(
      await damaged("changed", (tar) => {
        const at = tar.indexOf("PG_VERSION");
        tar.write("9", at + 512);
        return tar;
      }),
    );
  });

  test("one with a byte changed on the disk", async () => {
    const path = join(folder, "bits.tar.gz");
    const bytes = await readFile(file);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
    await writeFile(path, bytes);
    await refused(path);
  });

  test("one without its manifest", async () => {
    await refused(
      await damaged("no-manifest", (tar) => {
        const at = tar.lastIndexOf("backup_manifest");
        return Buffer.concat([tar.subarray(0, at), Buffer.alloc(1024)]);
      }),
    );
  });

  test("one whose manifest was changed", async () => {
    await refused(
      await damaged("manifest", (tar) => {
        tar.write('"Size": 9', tar.lastIndexOf('"Size": '));
        return tar;
      }),
    );
  });

  test("something else", async () => {
    const path = join(folder, "photo.jpg");
    await writeFile(path, "not a backup");
    await refused(path);
    await refused(join(folder, "is-not-there"));
  });
});

test("a backup is never restored over data", async () => {
  const data = join(folder, "used");
  await mkdir(data);
  await writeFile(join(data, "mine"), "");
  await expect(restoreBackup(file, data)).rejects.toMatchObject({ code: "data-folder" });
  expect(await readdir(data)).toEqual(["mine"]);
});

test("an empty folder is as good as none", async () => {
  const data = join(folder, "empty");
  await mkdir(data);
  await restoreBackup(file, data);
  expect(await readFile(join(data, "PG_VERSION"), "utf8")).toBe("18\n");
});
