import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { expect, test } from "vitest";
import { type RunningLinks, startLinks } from "./helpers/links-start.ts";
import { notes, notesApp } from "./helpers/notes-app.ts";
import { problemOf, type Told } from "./helpers/problem.ts";
import { canMount, smallDisk } from "./helpers/small-disk.ts";
import { kill, startTrellis, type TrellisEvent } from "./helpers/trellis-process.ts";

const warm = "https://example.com/warm";
const target = `https://example.com/${"x".repeat(1_900)}`;

test.skipIf(!canMount)(
  "a start without room for its data says so, leaves nothing half-written, and succeeds with room",
  async () => {
    // For next to nothing, for half a database, and for a database without its tables.
    for (const megabytes of [1, 20, 40]) {
      const disk = smallDisk(megabytes);
      const app = notesApp();
      const data = join(disk.path, "data");
      const outcome = await startTrellis(app, "--data", data).ended;
      expect(outcome.code, outcome.stderr).toBe(74);
      expect(outcome.events.at(-1)).toMatchObject({
        event: "error",
        code: "disk-full",
        cure: expect.stringContaining("Free some space"),
      });
      // A database is there whole or not at all; what stands beside it are whole files of a line each.
      if (existsSync(data))
        for (const name of readdirSync(data)) expect(["lock", "version", "secret", "postgres", "logs"]).toContain(name);
      disk.grow(200);
      const again = startTrellis(app, "--data", data);
      expect(await notes((await again.ready).url)).toEqual([]);
      expect((await again.stop()).code).toBe(0);
    }
  },
);

/** Links on a small disk, with one link that every instance has in its cache. */
async function linksOn(path: string): Promise<RunningLinks> {
  const links = await startLinks({ TRELLIS_LOG: "silent" }, join(path, "data"));
  expect((await links.shorten({ target: warm, alias: "warm" })).status).toBe(201);
  // Kept once the instance has heard that the link was made.
  for (const web of links.webs)
    for (let count = 0; count < 20; count += 1) expect(await links.follow("warm", web)).toBe(warm);
  return links;
}

async function make(links: RunningLinks, count: number): Promise<readonly string[]> {
  const made: string[] = [];
  while (made.length < count) made.push(((await (await links.shorten({ target })).json()) as { code: string }).code);
  return made;
}

/** Makes links, eight at a time, until one is refused. */
async function writeUntilRefused(
  links: RunningLinks,
): Promise<{ readonly made: readonly string[]; readonly told: Told }> {
  const made: string[] = [];
  for (;;) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => links.shorten({ target })));
    let told: Told | undefined;
    for (const answer of answers)
      if (answer.status === 201) made.push(((await answer.json()) as { code: string }).code);
      else told = await problemOf(answer);
    if (told) return { made, told };
  }
}

/** With room again: writes are taken, and every link that was acknowledged is there. */
async function isWellAgain(links: RunningLinks, made: readonly string[]): Promise<void> {
  await expect.poll(async () => (await links.shorten({ target })).status, { timeout: 60_000 }).toBe(201);
  for (const code of made) for (const web of links.webs) expect(await links.follow(code, web)).toBe(target);
  expect((await links.trellis.stop()).code).toBe(0);
}

test.skipIf(!canMount)(
  "a disk that fills up refuses writes with the cure while links are followed, and takes them with room again",
  async () => {
    const disk = smallDisk(200);
    const links = await linksOn(disk.path);
    disk.fill();
    const { made, told } = await writeUntilRefused(links);
    expect(told).toMatchObject({ status: 507, code: "disk-full", cure: expect.stringContaining("Free some space") });
    for (const web of links.webs) {
      expect(await links.follow("warm", web)).toBe(warm);
      expect(await links.follow("not-there", web)).toBe("404");
    }
    expect(await problemOf(await links.shorten({ target }))).toMatchObject({ code: "disk-full" });
    disk.free();
    await isWellAgain(links, made);
    expect(links.trellis.events.filter(({ event }) => event === "restart")).toEqual([]);
  },
);

test.skipIf(!canMount)(
  "a PostgreSQL that has no room for its log recovers, with nothing acknowledged lost",
  async () => {
    const disk = smallDisk(200);
    const links = await linksOn(disk.path);
    const made = await make(links, 20);
    disk.fill();
    const client = new pg.Client({ connectionString: links.database.url });
    client.on("error", () => undefined);
    await client.connect();
    // It panics: what it cannot log it could not keep.
    const writesLog = "select pg_logical_emit_message(true, 'test', repeat('x', 1000000)) from generate_series(1, 100)";
    await expect(client.query(writesLog)).rejects.toThrow();
    const told = await problemOf(await links.shorten({ target }));
    expect([503, 507]).toContain(told.status);
    for (const web of links.webs) expect(await links.follow("warm", web)).toBe(warm);
    disk.free();
    await isWellAgain(links, made);
  },
);

test.skipIf(!canMount)(
  "a PostgreSQL that is killed while the disk is full is started until it can, and the same instances go on",
  async () => {
    const disk = smallDisk(200);
    const links = await linksOn(disk.path);
    const made = await make(links, 20);
    disk.fill();
    const before = links.trellis.events.length;
    kill(links.database.pid);
    const restart = (event: TrellisEvent): boolean => event.event === "restart";
    await links.trellis.event(restart, before);
    for (const web of links.webs) expect(await links.follow("warm", web)).toBe(warm);
    await links.trellis.event((event) => restart(event) && event.because !== "it ended", before);
    disk.free();
    await isWellAgain(links, made);
    const events = links.trellis.events.slice(before);
    expect(events).toContainEqual(expect.objectContaining({ event: "database", origin: "recovered" }));
    expect(events.filter((event) => restart(event) && event.role !== "database")).toEqual([]);
  },
);
