import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { existingDataFolder, openDataFolder } from "./data-folder.ts";

function place(): string {
  const path = mkdtempSync(join(tmpdir(), "trellis-data-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return join(path, "data");
}

test("the secret is made once, and only its owner may read it", () => {
  const path = place();
  const secret = openDataFolder(path).secret();
  expect(secret.length).toBeGreaterThan(40);
  expect(openDataFolder(path).secret()).toBe(secret);
  expect(statSync(join(path, "secret")).mode & 0o777).toBe(0o600);
  expect(openDataFolder(place()).secret()).not.toBe(secret);
});

test("a port is remembered, and a torn one is not believed", () => {
  const path = place();
  const data = openDataFolder(path);
  expect(data.port()).toBeUndefined();
  data.rememberPort(3_017);
  expect(openDataFolder(path).port()).toBe(3_017);
  writeFileSync(join(path, "port"), "30x");
  expect(data.port()).toBeUndefined();
});

test("others find the app that runs, and none when its process has let go, however it ended", () => {
  const path = place();
  const data = openDataFolder(path);
  const app = { pid: 7, databaseUrl: "postgres://there", port: 3_000 };
  const lock = data.lock();
  expect(data.running()).toBeUndefined();
  data.announce(app);
  expect(openDataFolder(path).running()).toEqual(app);
  expect(() => openDataFolder(path).lock()).toThrow(
    expect.objectContaining({ code: "data-folder-in-use", message: `${path} is in use by the process 7` }),
  );
  lock.release();
  // As a killed process leaves it.
  data.announce(app);
  expect(data.running()).toBeUndefined();
  data.lock().release();
  expect(existsSync(join(path, "running.json"))).toBe(false);
});

test("a folder of a newer version is left as it is", () => {
  const path = place();
  mkdirSync(path);
  writeFileSync(join(path, "version"), "2\n");
  expect(() => openDataFolder(path)).toThrow(expect.objectContaining({ code: "data-folder-newer" }));
  expect(() => existingDataFolder(path)).toThrow(expect.objectContaining({ code: "data-folder-newer" }));
  expect(readdirSync(path)).toEqual(["version"]);
});

test("looking makes no folder", () => {
  const path = place();
  expect(existingDataFolder(path)).toBeUndefined();
  expect(existsSync(path)).toBe(false);
});

test("a place below a file, or without a folder above it, is refused by name", () => {
  const path = place();
  expect(() => openDataFolder(join(path, "deep"))).toThrow(
    expect.objectContaining({ code: "data-folder", message: `${join(path, "deep")} has no folder above it (ENOENT)` }),
  );
  writeFileSync(path, "");
  expect(() => openDataFolder(path)).toThrow(expect.objectContaining({ code: "data-folder" }));
});
