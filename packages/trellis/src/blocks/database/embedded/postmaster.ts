import { execFile } from "node:child_process";
import { readdir, readFile, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Clock } from "../../../model/clock.ts";
import { TrellisError } from "../../../model/errors.ts";
import { pause } from "../connections/connector.ts";

/** How long PostgreSQL may take to end, first asked and then told. */
const patienceMs = 15_000;
const pollMs = 10;

const run = promisify(execFile);

/** What PostgreSQL writes into `postmaster.pid` (src/include/utils/pidfile.h: one fact a line). */
export interface PidFile {
  readonly pid: number;
  /** Where its socket lies. */
  readonly socketFolder: string;
  readonly ready: boolean;
}

/** Undefined where there is none, or not yet a whole one. */
export async function readPidFile(data: string): Promise<PidFile | undefined> {
  const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "");
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  return pid > 0 ? { pid, socketFolder: lines[4]?.trim() ?? "", ready: lines[7]?.trim() === "ready" } : undefined;
}

/** PostgreSQL's processes that work in the folder: the postmaster, or children that outlived it. */
export async function processesIn(data: string): Promise<readonly number[]> {
  if (process.platform !== "linux") return postmasterByPs(data);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const working = await Promise.all(pids.map((pid) => isPostgresIn(data, pid)));
  return pids.filter((_, index) => working[index]).map(Number);
}

async function isPostgresIn(data: string, pid: string): Promise<boolean> {
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => "");
  if (folder !== data) return false;
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
  return name.trim() === "postgres";
}

async function postmasterByPs(data: string): Promise<readonly number[]> {
  const pid = (await readPidFile(data))?.pid;
  if (pid === undefined) return [];
  const { stdout } = await run("ps", ["-o", "command=", "-p", String(pid)]).catch(() => ({ stdout: "" }));
  return stdout.includes(data) ? [pid] : [];
}

/** Ends what a killed parent left running, in good order where it can. Throws `data-folder-in-use` where it stays. */
export async function endLeftOvers(data: string, clock: Clock): Promise<void> {
  const left = await processesIn(data);
  const postmaster = (await readPidFile(data))?.pid;
  for (const pid of left) if (pid === postmaster) signal(pid, "SIGINT");
  // Children without a postmaster end by themselves, as soon as they notice.
  if (await allGone(data, clock, patienceMs)) return removeStalePidFile(data);
  for (const pid of await processesIn(data)) signal(pid, "SIGQUIT");
  if (await allGone(data, clock, patienceMs)) return removeStalePidFile(data);
  throw new TrellisError("data-folder-in-use", {
    says: `PostgreSQL is still running on ${data} (process ${(await processesIn(data)).join(", ")})`,
    cure: "End that process.",
  });
}

/** A process that was killed counts as running until its parent has seen it: PostgreSQL would refuse to start. */
async function removeStalePidFile(data: string): Promise<void> {
  // Elsewhere than on Linux children cannot be seen, and PostgreSQL finds out about them by this file.
  if (process.platform === "linux") await rm(join(data, "postmaster.pid"), { force: true });
}

async function allGone(data: string, clock: Clock, withinMs: number): Promise<boolean> {
  const until = clock.now() + withinMs;
  while ((await processesIn(data)).length > 0) {
    if (clock.now() >= until) return false;
    await pause(clock, pollMs);
  }
  return true;
}

/** Signals a process that may have gone meanwhile. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
