import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process that is known again later, also by another supervisor. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, as the kernel tells it: numbers are given out anew. */
  readonly born: string;
}

/** When the process began; undefined where it lives no more. The same text each time for the same process. */
export function bornAt(pid: number): string | undefined {
  return process.platform === "linux" ? bornByProc(pid) : bornByPs(pid);
}

/** Whether it is still the one that was meant. */
export function isAlive({ pid, born }: ProcessIdentity): boolean {
  return bornAt(pid) === born;
}

/** Signals a process, unless it has ended or its number is another one's by now. */
export function signalProcess(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

const stateField = 0;
const bornField = 19;

/** Ticks since the machine started, with the start itself (proc(5): the fields behind the name in parentheses). */
function bornByProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // It has ended, and its parent has not looked yet.
    if (fields[stateField] === "Z" || fields[stateField] === "X") return undefined;
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}:${fields[bornField]}`;
  } catch {
    return undefined;
  }
}

function bornByPs(pid: number): string | undefined {
  try {
    const text = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env: { PATH: process.env.PATH, LC_ALL: "C" },
    });
    const [state = "Z", ...born] = text.trim().split(/\s+/);
    return state.startsWith("Z") ? undefined : born.join(" ");
  } catch {
    return undefined;
  }
}
