import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchResult } from "./result.ts";
import { withResults } from "./results-page.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = join(root, "bench", "results");

/** The page that shows what was kept last. */
export const resultsPage = join(root, "docs", "benchmarks.md");

/** Writes bench/results/NAME.json, raw runs included, and the page that shows the results of the benches `names`. */
export function keepResult(result: BenchResult, names: readonly string[]): string {
  const file = fileOf(result.bench);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  // As the repository keeps its JSON: lists of figures on one line.
  const biome = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
  execFileSync(process.execPath, [biome, "format", "--write", file], { cwd: root, stdio: "ignore" });
  writeFileSync(resultsPage, withResults(readFileSync(resultsPage, "utf8"), keptResults(names)));
  return file;
}

/** What was kept of these benches. */
export function keptResults(names: readonly string[]): readonly BenchResult[] {
  const files = names.map(fileOf).filter((file) => existsSync(file));
  return files.map((file) => JSON.parse(readFileSync(file, "utf8")) as BenchResult);
}

const fileOf = (bench: string): string => join(folder, `${bench}.json`);

/** What was measured: the commit, and whether files differ from it. */
export function revision(): string {
  const { status, stdout } = spawnSync("git", ["describe", "--always", "--dirty"], { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : "unknown";
}
