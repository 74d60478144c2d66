import { type FSWatcher, readdirSync, watch } from "node:fs";
import { basename, join } from "node:path";
import { TrellisError } from "../../model/errors.ts";

/** Folders whose changes are not edits: installed, built or written by programs. */
const ignored = new Set(["node_modules", "dist", "coverage"]);

/**
 * Calls `onChange` with the path of each file that changes below the folder, and returns what ends it. Folder by folder
 * rather than with Node's own recursion, which on Linux would enter node_modules and the database. `except` is a folder
 * that is left out.
 */
export function watchFolder(root: string, onChange: (path: string) => void, except?: string): () => void {
  const watchers = new Map<string, FSWatcher>();

  const follow = (folder: string): void => {
    if (watchers.has(folder)) return;
    const watcher = openWatcher(folder, (_event, name) => {
      if (name === null || isIgnored(name)) return;
      const path = join(folder, name);
      if (path === except) return;
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
    if (folder === except) return;
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

function openWatcher(folder: string, listener: (event: string, name: string | null) => void): FSWatcher {
  try {
    return watch(folder, listener);
  } catch (cause) {
    throw new TrellisError("internal", {
      says: `${folder} cannot be watched: ${(cause as Error).message}`,
      cure: "On Linux, raise fs.inotify.max_user_watches and max_user_instances; else use trellis start.",
      cause,
    });
  }
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
