import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { folderError, sweepDrafts, writeWhole } from "./whole-file.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "trellis-whole-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("a file is replaced as a whole, and nothing else is left beside it", () => {
  const path = folder();
  writeWhole(join(path, "port"), "3000");
  writeWhole(join(path, "port"), "3001");
  expect(readFileSync(join(path, "port"), "utf8")).toBe("3001");
  expect(readdirSync(path)).toEqual(["port"]);
});

test("a file that cannot be written leaves no part of it", () => {
  const path = folder();
  mkdirSync(join(path, "port"));
  expect(() => writeWhole(join(path, "port"), "3000")).toThrow(
    expect.objectContaining({
      code: "data-folder",
      message: `${join(path, "port")} is a folder where a file should be (EISDIR)`,
    }),
  );
  expect(readdirSync(path)).toEqual(["port"]);
});

test("a full disk is called that, and what is no refusal of the system's stays what it is", () => {
  const refused = (code: string) => Object.assign(new Error(code), { code });
  expect(folderError("/data", refused("ENOSPC"))).toMatchObject({ code: "disk-full", exit: 74 });
  expect(folderError("/data", refused("EROFS"))).toMatchObject({ code: "data-folder", exit: 73 });
  const defect = new TypeError("not a function");
  expect(folderError("/data", defect)).toBe(defect);
});

test("drafts of processes that have ended are swept, and nothing else", () => {
  const path = folder();
  const { pid } = spawnSync(process.execPath, ["--version"]);
  const kept = ["port", "running.json", `secret.${process.pid}`, "notes.txt"];
  for (const name of [...kept, `port.${pid}`, `running.json.${pid}`]) writeFileSync(join(path, name), "");
  sweepDrafts(path);
  expect(readdirSync(path).sort()).toEqual(kept.sort());
});
