import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { hasProgram } from "./has-program.ts";

const serverCore = 0;
const generatorCore = 1;

/** Whether the server can have a core of its own, with the load generator on another. */
export const canPin = availableParallelism() > 1 && hasProgram("taskset");

export const pinningNote = canPin
  ? `server on core ${serverCore}; load generator, and what else the server's system has, on core ${generatorCore} (taskset)`
  : "server and load generator not pinned to cores: that needs `taskset` and two cores";

/** A command that runs on the core of servers, or of load generators. */
export function pinned(to: "server" | "generator", command: readonly string[]): readonly [string, ...string[]] {
  const [program, ...rest] = command;
  if (program === undefined) throw new RangeError("There is no command to pin.");
  const core = to === "server" ? serverCore : generatorCore;
  return canPin ? ["taskset", "--cpu-list", String(core), program, ...rest] : [program, ...rest];
}

/** The command that runs a TypeScript file on this Node. */
export function nodeProgram(file: URL, ...args: readonly string[]): readonly [string, ...string[]] {
  return [process.execPath, fileURLToPath(file), ...args];
}

/** Gives a process that runs already, with all its threads, the core of servers, and all others of its system the other. */
export function pinOneServer(server: number, system: readonly number[]): void {
  if (!canPin) return;
  for (const pid of system) movePinned(pid, pid === server ? serverCore : generatorCore);
}

function movePinned(pid: number, core: number): void {
  const { status, stderr } = spawnSync("taskset", ["--all-tasks", "--pid", "--cpu-list", String(core), String(pid)]);
  // It may have ended meanwhile, as a connection of PostgreSQL does.
  if (status !== 0 && existsSync(`/proc/${pid}`))
    throw new Error(`taskset cannot move process ${pid}: ${stderr.toString().trim()}`);
}
