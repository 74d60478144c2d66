import { execFileSync } from "node:child_process";
import { onTestFinished } from "vitest";
import type { RunningLinks } from "./links-start.ts";

/** Stops PostgreSQL as a disk that hangs does: its connections stay, and nothing comes over them. */
export function freeze(links: Pick<RunningLinks, "database">): { thaw(): void } {
  const pids = postgres(links);
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  const thaw = (): void => {
    for (const pid of pids.splice(0)) process.kill(pid, "SIGCONT");
  };
  // A stopped process heeds no SIGTERM.
  onTestFinished(thaw);
  return { thaw };
}

/** PostgreSQL and all that it has forked. */
function postgres({ database: { pid } }: Pick<RunningLinks, "database">): number[] {
  const children = execFileSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" });
  return [pid, ...children.trim().split(/\s+/).map(Number)];
}
