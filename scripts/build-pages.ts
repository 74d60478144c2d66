// usage: npm run build:pages [-- --force]
// Builds the pages of every app whose sources have changed since they were built last.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import type { Plugin } from "vite";
import { isFresh, pagesFolders, root, writeStamp } from "./pages-stamp.mjs";

const force = process.argv.includes("--force");
for (const { name, folder } of pagesFolders()) if (force || !isFresh(folder)) await buildPages(name, folder);

async function buildPages(name: string, folder: string): Promise<void> {
  const startedAt = performance.now();
  console.error(`Building the pages of ${name} …`);
  const [{ build }, { default: config }] = await Promise.all([
    import("vite"),
    import(pathToFileURL(join(folder, "vite.config.ts")).href),
  ]);
  const built = temporaryFolder();
  try {
    const read = new Set<string>();
    await build({
      ...config,
      configFile: false,
      logLevel: "error",
      plugins: [config.plugins, notes(read)],
      build: { ...config.build, outDir: built },
    });
    writeStamp(built, sources(folder, read));
    replace(join(folder, "dist"), built);
  } finally {
    rmSync(built, { recursive: true, force: true });
  }
  console.error(`Built in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s.`);
}

/** Beside what it becomes, so that it can be moved there whole: two builds at once do each other no harm. */
function temporaryFolder(): string {
  mkdirSync(join(root, "dist"), { recursive: true });
  return mkdtempSync(join(root, "dist", "pages-"));
}

function replace(dist: string, built: string): void {
  rmSync(dist, { recursive: true, force: true });
  renameSync(built, dist);
}

/** Notes every file that the build reads. */
function notes(read: Set<string>): Plugin {
  return {
    name: "trellis-sources",
    buildEnd() {
      for (const id of this.getModuleIds()) read.add(id.replace(/\?.*$/, ""));
    },
  };
}

/** What the pages are made of, named from the repository's root. */
function sources(folder: string, read: ReadonlySet<string>): ReadonlySet<string> {
  const modules = [...read]
    .filter((file) => isAbsolute(file) && existsSync(file))
    .map((file) => relative(root, file))
    // Packages change with the lock file only.
    .filter((file) => !file.startsWith("..") && !file.includes("node_modules"));
  const ours = ["packages/ui/vite", "packages/ui/public"];
  return new Set([
    ...modules,
    ...ours.flatMap((of) => readdirSync(join(root, of)).map((file) => join(of, file))),
    relative(root, join(folder, "index.html")),
    relative(root, join(folder, "vite.config.ts")),
    "package-lock.json",
  ]);
}
