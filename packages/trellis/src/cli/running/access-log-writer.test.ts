import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Log } from "../../model/log.ts";
import { silentLog } from "../../testing/silent-log.ts";
import { accessLogWriter } from "./access-log-writer.ts";

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), "trellis-access-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "access.log");
}

test("lines are added to the file, for its owner's eyes, and to a new one when it is moved away", () => {
  const path = place();
  const write = accessLogWriter(path, silentLog);
  write('{"n":1}\n');
  write('{"n":2}\n');
  expect(statSync(path).mode & 0o077).toBe(0);
  renameSync(path, `${path}.1`);
  write('{"n":3}\n');
  expect(readFileSync(`${path}.1`, "utf8")).toBe('{"n":1}\n{"n":2}\n');
  expect(readFileSync(path, "utf8")).toBe('{"n":3}\n');
});

test("a file that cannot be written is told of once, until it can be again", () => {
  const path = place();
  const told: string[] = [];
  const log: Log = { ...silentLog, error: (says) => told.push(says) };
  const write = accessLogWriter(path, log);
  mkdirSync(path);
  write("lost\n");
  write("lost\n");
  expect(told).toHaveLength(1);
  rmSync(path, { recursive: true });
  write("kept\n");
  expect(readFileSync(path, "utf8")).toBe("kept\n");
  rmSync(path);
  mkdirSync(path);
  write("lost\n");
  expect(told).toHaveLength(2);
});
