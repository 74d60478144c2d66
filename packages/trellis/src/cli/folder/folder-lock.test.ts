import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lockFolder } from "./folder-lock.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "trellis-lock-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("a folder is locked by one at a time", () => {
  const path = folder();
  const lock = lockFolder(path);
  expect(lock).toBeDefined();
  expect(lockFolder(path)).toBeUndefined();
  lock?.release();
  const next = lockFolder(path);
  expect(next).toBeDefined();
  next?.release();
});

test("another process is kept out, also after this one has looked again; others may not even read the file", () => {
  const path = folder();
  const lock = lockFolder(path);
  expect(lockFolder(path)).toBeUndefined();
  const module = new URL("./folder-lock.ts", import.meta.url).href;
  const program = `import { lockFolder } from "${module}"; console.log(lockFolder("${path}") === undefined);`;
  const answer = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  expect(answer.trim()).toBe("true");
  expect(statSync(join(path, "lock")).mode & 0o077).toBe(0);
  lock?.release();
});

test("two folders do not know of each other, and nothing piles up in them", () => {
  const [one, other] = [folder(), folder()];
  const locks = [lockFolder(one), lockFolder(other)];
  expect(locks).not.toContain(undefined);
  expect(readdirSync(one)).toEqual(["lock"]);
  for (const lock of locks) lock?.release();
});

test("a folder that is not there cannot be locked", () => {
  expect(() => lockFolder(join(folder(), "nowhere"))).toThrow(expect.objectContaining({ code: "data-folder" }));
});
