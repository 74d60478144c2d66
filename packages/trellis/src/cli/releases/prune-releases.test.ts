import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { ReleaseRecord, ReleaseState } from "../../supervisor/state.ts";
import { pruneReleases } from "./prune-releases.ts";

const shape = { services: [], home: "", groups: [] };

function releases(...states: readonly ReleaseState[]): readonly ReleaseRecord[] {
  return states.map((state, index) => ({
    number: index + 1,
    at: 0,
    from: "a folder",
    config: "",
    copied: true,
    state,
    shape,
  }));
}

function folderWith(...names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "trellis-prune-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of names) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "trellis.config.ts"), name);
  }
  return folder;
}

test("the last five stay, and older ones go", async () => {
  const folder = folderWith("1", "2", "3", "4", "5", "6", "7");
  await pruneReleases(
    folder,
    releases("replaced", "replaced", "replaced", "replaced", "replaced", "replaced", "serving"),
    7,
  );
  expect(readdirSync(folder)).toEqual(["3", "4", "5", "6", "7"]);
});

test("the one that serves and the one before stay, however many failed since", async () => {
  const folder = folderWith("1", "2", "3", "4", "5", "6", "7", "8", "9");
  const failed = Array.from({ length: 6 }, () => "failed" as const);
  await pruneReleases(folder, releases("replaced", "replaced", "serving", ...failed), 3);
  expect(readdirSync(folder)).toEqual(["2", "3", "5", "6", "7", "8", "9"]);
});

test("what a kill has left of a release goes, and what is being made stays", async () => {
  const folder = folderWith("1", "2", "3", "0.gone", "9.tar", "notes");
  await pruneReleases(folder, releases("replaced", "serving"), 2);
  expect(readdirSync(folder)).toEqual(["1", "2", "3", "notes"]);
});

test("where nothing was ever deployed there is nothing to remove", async () => {
  await expect(pruneReleases(join(tmpdir(), "there-is-no-such-folder"), [], undefined)).resolves.toBeUndefined();
});
