import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ShellSession } from "./shell-session.ts";

let folder: string;
let shell: ShellSession;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trellis-shell-"));
  shell = await ShellSession.open(folder, process.env);
});
afterEach(async () => {
  await shell.close();
  await rm(folder, { recursive: true });
});

test("variables and the folder outlive a script", async () => {
  await shell.type("NAME=ada\nmkdir inner && cd inner\n");
  expect(shell.folder).toBe(join(folder, "inner"));
  expect(await shell.type('echo "$NAME"\nbasename "$PWD"\n')).toMatchObject({ out: "ada\ninner\n" });
});

test("a script is not read by its own commands", async () => {
  expect(await shell.type("cat\necho after\n")).toMatchObject({ out: "after\n" });
});

test("the first command that fails ends it, and says what was printed", async () => {
  await expect(shell.type("echo before\nls no-such-file\necho after\n")).rejects.toThrow(
    /exit code 2\nbefore\n.*no-such-file/s,
  );
});
