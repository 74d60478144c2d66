import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isFresh, pagesFolders, writeStamp } from "./pages-stamp.mjs";

let repository: string;
let folder: string;
beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), "trellis-stamp-"));
  folder = join(repository, "apps", "links", "web");
  mkdirSync(join(folder, "dist"), { recursive: true });
  mkdirSync(join(repository, "apps", "silent"));
  writeFileSync(join(folder, "vite.config.ts"), "");
  writeFileSync(join(repository, "page.tsx"), "one");
  writeStamp(join(folder, "dist"), new Set(["page.tsx", "apps/links/web/vite.config.ts"]), repository);
});
afterEach(() => rmSync(repository, { recursive: true }));

it("finds the apps that have pages", () => {
  expect(pagesFolders(repository)).toEqual([{ name: "links", folder }]);
});

it("takes pages for built as long as each of their sources is what it was", () => {
  expect(isFresh(folder, repository)).toBe(true);
  writeFileSync(join(repository, "other.tsx"), "no source of theirs");
  writeFileSync(join(repository, "page.tsx"), "one");
  expect(isFresh(folder, repository)).toBe(true);
});

it("builds again where a source has changed, or is gone, or nothing was built", () => {
  writeFileSync(join(repository, "page.tsx"), "two");
  expect(isFresh(folder, repository)).toBe(false);
  writeFileSync(join(repository, "page.tsx"), "one");
  expect(isFresh(folder, repository)).toBe(true);
  rmSync(join(repository, "page.tsx"));
  expect(isFresh(folder, repository)).toBe(false);
  writeFileSync(join(repository, "page.tsx"), "one");
  rmSync(join(folder, "dist"), { recursive: true });
  expect(isFresh(folder, repository)).toBe(false);
});
