import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isInstalled } from "../../../scripts/install.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const bench = join(root, "bench");

/** Installs what is measured beside Trellis, as bench/package-lock.json says, unless it is there already. */
export function ensurePeers(): void {
  if (isInstalled(bench)) return;
  console.error("Installing the peers that bench/package-lock.json names …");
  // npm's own output goes to standard error as well: standard output is for the result.
  const { status, error } = spawnSync("npm", ["ci", "--loglevel=error"], { cwd: bench, stdio: ["ignore", 2, 2] });
  if (status !== 0)
    throw new Error(`"npm ci" failed in bench/${error ? `: ${error.message}` : ""}. See its messages above.`);
}

/** The versions that are installed, of the peers and of what Trellis itself brings. */
export function versionsOf(packages: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(packages.map((name) => [name, versionOf(name)]));
}

function versionOf(name: string): string {
  const file = [bench, root].map((folder) => join(folder, "node_modules", name, "package.json")).find(existsSync);
  if (file === undefined) throw new Error(`The package ${name} is not installed.`);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
