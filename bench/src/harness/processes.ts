import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** What the processes of a system hold in memory together, in bytes. */
export interface Memory {
  /** Proportional set size: a page shared by several processes is counted once in all. What the machine has less of. */
  readonly pss: number;
  /** Resident set sizes added up: a shared page is counted once for each process. What `top` shows. */
  readonly rss: number;
}

let ticksPerSecond = 0;

/** The CPU time that the process has used in all its threads, in seconds; exact to a tick (10 ms). */
export function cpuSeconds(pid: number): number {
  return readStat(pid).ticks / tickRate();
}

/** The CPU time of all processes that this one has started and seen end, theirs included, in seconds. */
export function cpuSecondsOfEnded(): number {
  const { endedTicks } = readStat(process.pid);
  return endedTicks / tickRate();
}

/** The process, its children, theirs, and so on. */
export function processTree(root: number): readonly number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = readStat(Number(name)).parent;
      childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
    } catch {
      // It ended while the list was read.
    }
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(childrenOf.get(pid) ?? []));
  return tree;
}

export function memoryOf(pids: readonly number[]): Memory {
  let pss = 0;
  let rss = 0;
  for (const pid of pids) {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    pss += kilobytes(rollup, "Pss");
    rss += kilobytes(rollup, "Rss");
  }
  return { pss: pss * 1024, rss: rss * 1024 };
}

/** The command line, its words joined by spaces. A process that renames itself, as PostgreSQL's do, gives that name. */
export function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
}

function kilobytes(rollup: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(rollup)?.[1]);
}

function tickRate(): number {
  ticksPerSecond ||= Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  return ticksPerSecond;
}

interface Stat {
  readonly parent: number;
  /** CPU time of the process, in user and kernel mode. */
  readonly ticks: number;
  /** The same of its children that have ended. */
  readonly endedTicks: number;
}

function readStat(pid: number): Stat {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the command in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const sum = (first: number, second: number) => Number(fields[first]) + Number(fields[second]);
  return { parent: Number(fields[1]), ticks: sum(11, 12), endedTicks: sum(13, 14) };
}
