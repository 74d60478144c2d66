import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ClientFacts } from "../policies/client-facts/client-facts.ts";
import { dayOf, Salts } from "../policies/client-facts/salts.ts";
import { SaltFile, writeSalts } from "./salt-file.ts";

const today = 20_780;
const todayMs = today * 86_400_000;
const saltOf = (day: number) => new Uint8Array(32).map((_, index) => (day * 131 + index * 17) & 0xff);
const salts = (...days: number[]) => new Map(days.map((day) => [day, saltOf(day)]));

async function newFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "trellis-salts-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

test("whoever reads the file knows a person by the same number as whoever wrote it", async () => {
  const folder = await newFolder();
  await writeSalts(folder, salts(today), today);
  const of = async (source: ConstructorParameters<typeof Salts>[0]) => {
    const known = new Salts(source);
    await known.prepare(todayMs);
    return new ClientFacts({ of: () => "" }, known).visitorOf("192.0.2.1", "Firefox", todayMs);
  };
  const visitor = await of(new SaltFile(folder));
  expect(visitor).toBeDefined();
  expect(visitor).toBe(await of({ saltOf: async (day) => saltOf(day) }));
  expect(dayOf(todayMs)).toBe(today);
});

test("what two instances know is there together, and yesterday's is gone", async () => {
  const folder = await newFolder();
  const file = new SaltFile(folder);
  await writeSalts(folder, salts(today - 1), today - 1);
  await writeSalts(folder, salts(today - 1, today), today);
  await writeSalts(folder, salts(today + 1), today);
  expect([...(await file.saltOf(today))]).toEqual([...saltOf(today)]);
  expect([...(await file.saltOf(today + 1))]).toEqual([...saltOf(today + 1)]);
  await expect(file.saltOf(today - 1)).rejects.toThrow("does not have the salt");
  await writeSalts(folder, new Map(), today + 1);
  await expect(file.saltOf(today)).rejects.toThrow();
});

test("only its owner can read it, nothing else is left in the folder, and what is there is not written again", async () => {
  const folder = await newFolder();
  await writeSalts(folder, salts(today), today);
  const path = join(folder, "client-salts.json");
  const before = await stat(path);
  expect(before.mode & 0o777).toBe(0o600);
  await writeSalts(folder, salts(today), today);
  expect((await stat(path)).ino).toBe(before.ino);
  expect(await readdir(folder)).toEqual(["client-salts.json"]);
});

test.each([
  ["cut", '{"20780":"AAAA'],
  ["no object", "null"],
  ["a salt that is none", '{"20780":"AAAA"}'],
  ["not of days", '{"today":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}'],
])("a file that is %s is no salt, and is replaced", async (_, text) => {
  const folder = await newFolder();
  const path = join(folder, "client-salts.json");
  await writeFile(path, text);
  await expect(new SaltFile(folder).saltOf(today)).rejects.toThrow();
  await writeSalts(folder, salts(today), today);
  expect([...(await new SaltFile(folder).saltOf(today))]).toEqual([...saltOf(today)]);
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ [today]: expect.any(String) });
});

test("a folder that cannot be written is said, and leaves nothing behind", async () => {
  const folder = await newFolder();
  await expect(writeSalts(join(folder, "missing"), salts(today), today)).rejects.toThrow("ENOENT");
  await expect(new SaltFile(folder).saltOf(today)).rejects.toThrow("ENOENT");
  expect(await readdir(folder)).toEqual([]);
});
