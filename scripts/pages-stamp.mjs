import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** The folders with pages to build: `apps/NAME/web`. Runs on any Node. */
export function pagesFolders(repository = root) {
  return readdirSync(join(repository, "apps"))
    .map((name) => ({ name, folder: join(repository, "apps", name, "web") }))
    .filter(({ folder }) => existsSync(join(folder, "vite.config.ts")));
}

/** Whether the pages in `folder` were built of just what is there now. */
export function isFresh(folder, repository = root) {
  if (!existsSync(stampIn(folder))) return false;
  const sources = JSON.parse(readFileSync(stampIn(folder), "utf8"));
  return Object.entries(sources).every(([file, known]) => hashOf(join(repository, file)) === known);
}

/** Notes in `built` of which files, named from the repository's root, it was built. */
export function writeStamp(built, files, repository = root) {
  const sources = Object.fromEntries([...files].sort().map((file) => [file, hashOf(join(repository, file))]));
  writeFileSync(join(built, stampName), JSON.stringify(sources));
}

// With a dot in front, so that nobody is sent it.
const stampName = ".sources.json";

function stampIn(folder) {
  return join(folder, "dist", stampName);
}

function hashOf(file) {
  return existsSync(file) ? createHash("sha256").update(readFileSync(file)).digest("base64url") : "";
}
