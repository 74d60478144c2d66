import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { TrellisError } from "../../model/errors.ts";
import { syncNames } from "../../spool/sync-names.ts";
import { findConfig } from "../load-app.ts";
import type { World } from "../world.ts";
import { type FolderLock, lockFolder } from "./folder-lock.ts";
import { folderError, sweepDrafts, writeWhole } from "./whole-file.ts";

/** What this version writes into a data folder. Raised when an older version could no longer use it. */
const formatVersion = 1;

/** Longer than others hold the lock who only look whether an app runs. */
const glanceMs = 300;

/** A process that runs an app on a data folder, for commands that come while it does. */
export interface RunningApp {
  readonly pid: number;
  /** Where its embedded database is reached. Of a networked one nothing is written down: its address holds a password. */
  readonly databaseUrl?: string;
  readonly port: number;
  /** The socket on which its supervisor takes what commands ask. */
  readonly control?: string;
}

/** Where one app keeps everything that is its own on this machine: PostgreSQL's data, its secret, its port. */
export interface DataFolder {
  readonly path: string;
  /** PostgreSQL's part of it. */
  readonly postgres: string;
  /** What processes say that run here. */
  readonly logs: string;
  /** The code of releases, a folder each. */
  readonly releases: string;
  /** Takes the folder for this process. Throws `data-folder-in-use`. */
  lock(): FolderLock;
  /** The app that runs on it now; undefined where none does. */
  running(): RunningApp | undefined;
  /** For the holder of the lock: how others find this process. */
  announce(app: RunningApp): void;
  /** Signs what instances tell each other. Made at the first use, readable by its owner only. */
  secret(): string;
  /** What the supervisor has written down for the next one, if it has. */
  state(): string | undefined;
  saveState(text: string): void;
  /** The port that this app had the last time. */
  port(): number | undefined;
  rememberPort(port: number): void;
}

/** `--data`, else `TRELLIS_DATA`, else `.trellis` beside the app's configuration. Throws `no-config`. */
export function dataPath(chosen: string | undefined, { environment, folder }: World): string {
  const said = chosen ?? environment.TRELLIS_DATA?.trim();
  return said ? resolve(folder, said) : join(dirname(findConfig(folder)), ".trellis");
}

/**
 * Opens the folder, made where it is missing. Throws `data-folder`, `disk-full` or `data-folder-newer`, with nothing
 * left behind.
 */
export function openDataFolder(path: string): DataFolder {
  refuseNewer(path);
  const made = makeFolder(path);
  try {
    const version = join(path, "version");
    if (!existsSync(version)) writeWhole(version, `${formatVersion}\n`);
  } catch (error) {
    if (made) rmSync(path, { recursive: true, force: true });
    throw error;
  }
  return new OpenDataFolder(path);
}

/** The folder as it is; undefined where there is none. Makes nothing. */
export function existingDataFolder(path: string): DataFolder | undefined {
  refuseNewer(path);
  return existsSync(join(path, "version")) ? new OpenDataFolder(path) : undefined;
}

/** Whether the folder was missing. */
function makeFolder(path: string): boolean {
  if (existsSync(join(path, "."))) return false;
  try {
    // For root, PostgreSQL runs as another user, who must be able to pass through on the way to its own part.
    mkdirSync(path, { mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    syncNames(dirname(path));
    return true;
  } catch (cause) {
    throw folderError(path, cause);
  }
}

function refuseNewer(path: string): void {
  const found = Number(readText(join(path, "version")) ?? formatVersion);
  if (found <= formatVersion) return;
  throw new TrellisError("data-folder-newer", {
    says: `${path} is of version ${found}; this Trellis knows version ${formatVersion}`,
  });
}

class OpenDataFolder implements DataFolder {
  readonly path: string;
  readonly postgres: string;
  readonly logs: string;
  readonly releases: string;

  constructor(path: string) {
    this.path = path;
    this.postgres = join(path, "postgres");
    this.logs = join(path, "logs");
    this.releases = join(path, "releases");
  }

  lock(): FolderLock {
    const lock = lockFolder(this.path, glanceMs);
    if (lock) {
      const forget = () => rmSync(this.#file("running.json"), { force: true });
      // What a killed process has left: it runs no more, for it holds no lock.
      forget();
      sweepDrafts(this.path);
      return {
        release: () => {
          forget();
          lock.release();
        },
      };
    }
    const pid = this.#readRunning()?.pid;
    throw new TrellisError("data-folder-in-use", {
      says: `${this.path} is in use${pid === undefined ? "" : ` by the process ${pid}`}`,
    });
  }

  running(): RunningApp | undefined {
    const lock = lockFolder(this.path);
    lock?.release();
    return lock ? undefined : this.#readRunning();
  }

  announce(app: RunningApp): void {
    writeWhole(this.#file("running.json"), JSON.stringify(app), 0o600);
  }

  secret(): string {
    const known = readText(this.#file("secret"))?.trim();
    if (known) return known;
    const secret = randomBytes(32).toString("base64url");
    writeWhole(this.#file("secret"), `${secret}\n`, 0o600);
    return secret;
  }

  state(): string | undefined {
    return readText(this.#file("state.json"));
  }

  saveState(text: string): void {
    writeWhole(this.#file("state.json"), text, 0o600);
  }

  port(): number | undefined {
    const port = Number(readText(this.#file("port")));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
  }

  rememberPort(port: number): void {
    writeWhole(this.#file("port"), `${port}\n`);
  }

  #readRunning(): RunningApp | undefined {
    const text = readText(this.#file("running.json"));
    return text === undefined ? undefined : JSON.parse(text);
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return undefined;
    throw folderError(path, cause);
  }
}
