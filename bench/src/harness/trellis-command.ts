import { execFile, execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Child } from "./child.ts";
import type { HttpSide } from "./http-side.ts";
import { pinOneServer } from "./pinning.ts";
import { processTree } from "./processes.ts";
import { scratchFolder } from "./scratch-folder.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const command = join(root, "packages", "trellis", "bin", "trellis.mjs");

/** The folder of the repository's own trellis.config.ts: the app with Links. */
export const repositoryApp = root;

export interface StartOptions {
  /** The folder that has the app's trellis.config.ts. */
  readonly app: string;
  /** The data folder: one of a start before, or a path where nothing is yet. */
  readonly data: string;
  /** Settings, as environment variables. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** `trellis start`, ready to serve. */
export interface StartedTrellis {
  /** The process that was started; all others descend from it. */
  readonly pid: number;
  readonly url: string;
  readonly instances: readonly StartedInstance[];
  /** The first owner's key: there at the first start on a data folder only. */
  readonly ownerKey: string | undefined;
  end(): Promise<void>;
}

export interface StartedInstance {
  readonly role: string;
  readonly pid: number;
  /** The address of this instance alone. */
  readonly url: string;
}

/** Runs `trellis start` as a person would, on a free port, and waits until it says that it is ready. */
export async function startTrellis({ app, data, settings = {} }: StartOptions): Promise<StartedTrellis> {
  const child = new Child([process.execPath, command, "start", "--json", "--data", data, "--port", "0"], {
    cwd: app,
    env: settings,
  });
  const ready = await child.line("instances");
  return {
    pid: child.pid,
    url: String(ready.url),
    instances: ready.instances as readonly StartedInstance[],
    ownerKey: ready.ownerKey as string | undefined,
    end: () => child.end(),
  };
}

export interface OneInstance extends HttpSide {
  readonly ownerKey: string | undefined;
  readonly data: string;
  /** The processes of its workers, where the settings ask for any. */
  readonly workers: readonly number[];
}

/**
 * One web instance of an app in a process and on a core of its own, asked at its private address: no other instance, and
 * no gateway, stands between. What else belongs to it, such as PostgreSQL and a worker, shares the generator's core.
 */
export async function startOneInstance(
  app: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<OneInstance> {
  const folder = newDataFolder();
  try {
    const trellis = await startTrellis({
      app,
      data: folder.data,
      settings: { TRELLIS_WEB: "1", TRELLIS_WORKERS: "0", ...settings },
    });
    const end = async (): Promise<void> => {
      await trellis.end();
      folder.remove();
    };
    const instance = trellis.instances.find(({ role }) => role === "web");
    if (!instance) throw new Error("trellis start is ready without an instance.");
    pinOneServer(instance.pid, processTree(trellis.pid));
    const port = Number(new URL(instance.url).port);
    return {
      origin: `http://127.0.0.1:${port}`,
      pid: instance.pid,
      ownerKey: trellis.ownerKey,
      data: folder.data,
      workers: trellis.instances.filter(({ role }) => role === "worker").map(({ pid }) => pid),
      end,
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

/** Runs another command in an app's folder to its end, and returns what it wrote. Rejects unless its exit code is 0. */
export async function trellis(words: readonly string[], app: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [command, ...words], { cwd: app });
  return stdout;
}

/** A key of an app that runs on the data folder. */
export function newKey(app: string, data: string, scopes: string): string {
  const args = [command, "key", "new", "--scopes", scopes, "--data", data];
  return execFileSync(process.execPath, args, { cwd: app, encoding: "utf8" }).trim();
}

export interface NewDataFolder {
  /** Nothing is there yet. */
  readonly data: string;
  remove(): void;
}

/** A place for one data folder, removed again afterwards. */
export function newDataFolder(): NewDataFolder {
  const { path, remove } = scratchFolder(tmpdir(), "trellis-bench-");
  // Where a bench runs as root, PostgreSQL runs as another user, who must be able to pass through.
  chmodSync(path, 0o711);
  return { data: join(path, "data"), remove };
}
