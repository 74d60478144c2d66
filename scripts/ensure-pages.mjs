// usage: node scripts/ensure-pages.mjs
// Builds pages that are not built yet, or of other sources; costs some milliseconds where all are.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { isFresh, pagesFolders, root } from "./pages-stamp.mjs";

if (pagesFolders().some(({ folder }) => !isFresh(folder))) {
  const command = [join(root, "scripts/on-pinned-node.mjs"), join(root, "scripts/build-pages.ts")];
  // Standard output belongs to the command that comes after it.
  const { status } = spawnSync(process.execPath, command, { stdio: ["inherit", process.stderr.fd, process.stderr.fd] });
  process.exitCode = status ?? 1;
}
