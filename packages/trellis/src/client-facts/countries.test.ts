import { mkdtemp, readdir, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { silentLog } from "../testing/silent-log.ts";
import { Countries } from "./countries.ts";

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "trellis-countries-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

test("the table is made on a thread, kept, and read by the next start", async () => {
  const kept = await folder();
  const countries = await Countries.open([kept], silentLog);
  expect(countries?.of("8.8.8.8")).toBe("");
  await countries?.ready;
  expect(countries?.of("8.8.8.8")).toBe("US");
  expect(await readdir(kept)).toEqual([expect.stringMatching(/^countries-\d.*\.bin$/)]);
  const next = await Countries.open([kept], silentLog);
  expect(next?.of("8.8.8.8")).toBe("US");
}, 60_000);

test("where it cannot be kept in the first folder it is kept in the next, and one that was cut is made anew", async () => {
  const kept = await folder();
  // Nothing can be made under a file.
  const none = join(import.meta.filename, "folder");
  const countries = await Countries.open([none, kept], silentLog);
  await countries?.ready;
  const [file = ""] = await readdir(kept);
  expect(file).toMatch(/\.bin$/);
  expect((await Countries.open([none, kept], silentLog))?.of("8.8.8.8")).toBe("US");
  await truncate(join(kept, file), 1_000);
  const again = await Countries.open([none, kept], silentLog);
  expect(again?.of("8.8.8.8")).toBe("");
  await again?.ready;
  expect(again?.of("8.8.8.8")).toBe("US");
}, 60_000);

test("closing does not wait for a table that is being made", async () => {
  const countries = await Countries.open([await folder()], silentLog);
  await countries?.close();
  await countries?.ready;
  expect(countries?.of("8.8.8.8")).toBe("");
}, 60_000);
