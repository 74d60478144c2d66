import { type FSWatcher, readdirSync, watch } from "node:fs";
import { basename, join } from "node:path";

/** Folders whose changes are not edits: installed, built or written by programs. */
const ignored = new Set(["node_modules", "dist", "coverage"]);

/**
 * Calls `onChange` with the path of each file that changes below the folder, and returns what ends it. Folder by folder
 * rather than with Node's own recursion, which on Linux would enter node_modules and the database.
 */
export function watchFolder(root: string, onChange: (path: string) => void): () => void {
  const watchers = new Map<string, FSWatcher>();

  const follow = (folder: string): void => {
    if (watchers.has(folder)) return;
    const watcher = watch(folder, (_event, name) => {
      if (name === null || isIgnored(name)) return;
      const path = join(folder, name);
      // Either a new folder, whose files may have come before we looked, or a file.
      followAll(path);
      onChange(path);
    });
    watcher.on("error", () => leave(folder));
    watchers.set(folder, watcher);
  };
  const leave = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const followAll = (folder: string): void => {
    if (foldersIn(folder)) follow(folder);
    else leave(folder);
    // Looked at again now that it is watched: what comes later is heard of.
    for (const name of foldersIn(folder) ?? []) followAll(join(folder, name));
  };

  followAll(root);
  return () => {
    for (const folder of watchers.keys()) leave(folder);
  };
}

/** Undefined where there is no such folder. */
function foldersIn(folder: string): readonly string[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !isIgnored(entry.name))
      .map((entry) => entry.name);
  } catch {
    return undefined;
  }
}

/** Also what editors write beside a file for a moment. */
function isIgnored(name: string): boolean {
  const last = basename(name);
  return ignored.has(last) || last.startsWith(".") || last.endsWith("~") || last.endsWith(".log");
}
