import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchResult } from "./result.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Writes bench/results/NAME.json, raw runs included, formatted as the repository keeps its JSON. */
export function keepResult(result: BenchResult): string {
  const folder = join(root, "bench", "results");
  const file = join(folder, `${result.bench}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  const biome = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
  execFileSync(process.execPath, [biome, "format", "--write", file], { cwd: root, stdio: "ignore" });
  return file;
}

/** What was measured: the commit, and whether files differ from it. */
export function revision(): string {
  const { status, stdout } = spawnSync("git", ["describe", "--always", "--dirty"], { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : "unknown";
}
