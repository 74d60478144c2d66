import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** What a process has used. */
export interface ProcessLoad {
  /** CPU time since its start, in milliseconds. */
  readonly cpuMs: number;
  /** What it holds of the machine's memory. */
  readonly memoryBytes: number;
}

const run = promisify(execFile);

/** Those of the processes that live, by number. */
export async function processLoads(pids: readonly number[]): Promise<ReadonlyMap<number, ProcessLoad>> {
  if (pids.length === 0) return new Map();
  if (process.platform !== "linux") return loadsByPs(pids);
  const loads = await Promise.all(pids.map((pid) => loadByProc(pid)));
  return new Map(pids.flatMap((pid, index) => (loads[index] ? [[pid, loads[index]] as const] : [])));
}

/** Linux counts in hundredths of a second, whatever the kernel's own tick is (USER_HZ). */
const tickMs = 10;
const userField = 11;
const systemField = 12;

async function loadByProc(pid: number): Promise<ProcessLoad | undefined> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => undefined);
  const [stat, status] = await Promise.all([read("stat"), read("status")]);
  if (stat === undefined || status === undefined) return undefined;
  // Behind the name, which stands in parentheses and may hold blanks (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[userField]) + Number(fields[systemField]);
  // In kilobytes, as pages are not everywhere of one size.
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0;
  return { cpuMs: ticks * tickMs, memoryBytes: Number(resident) * 1_024 };
}

async function loadsByPs(pids: readonly number[]): Promise<ReadonlyMap<number, ProcessLoad>> {
  const { stdout } = await run("ps", ["-o", "pid=,rss=,time=", "-p", pids.join(",")]).catch(() => ({ stdout: "" }));
  const rows = stdout.trim().split("\n").filter(Boolean);
  return new Map(
    rows.map((row) => {
      const [pid = "", kilobytes = "", time = ""] = row.trim().split(/\s+/);
      return [Number(pid), { cpuMs: timeMs(time), memoryBytes: Number(kilobytes) * 1_024 }];
    }),
  );
}

/** `1-02:03:04`, `2:03.04`: days, hours, minutes, seconds. */
function timeMs(time: string): number {
  const [clock = "", days = "0"] = time.split("-").reverse();
  const seconds = clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1_000;
}
