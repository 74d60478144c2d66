import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { silentLog } from "../../testing/silent-log.ts";
import { scaleJournalFile } from "./scale-journal-file.ts";

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), "trellis-scaling-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "scaling.jsonl");
}

test("lines are added for the owner's eyes, and written anew as a whole", () => {
  const path = place();
  const file = scaleJournalFile(path, silentLog);
  expect(file.read()).toBeUndefined();
  file.append("one\n");
  file.append("two\n");
  expect(statSync(path).mode & 0o077).toBe(0);
  expect(scaleJournalFile(path, silentLog).read()).toBe("one\ntwo\n");
  file.replace("three\n");
  expect(file.read()).toBe("three\n");
  expect(statSync(path).mode & 0o077).toBe(0);
});

test("where nothing can be written, that is told once, and scaling goes on", () => {
  const path = place();
  const told: string[] = [];
  const file = scaleJournalFile(path, { ...silentLog, error: (says) => told.push(says) });
  mkdirSync(path);
  file.append("lost\n");
  file.append("lost\n");
  expect(told).toHaveLength(1);
  rmSync(path, { recursive: true });
  file.append("kept\n");
  expect(file.read()).toBe("kept\n");
});
