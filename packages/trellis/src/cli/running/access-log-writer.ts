import { closeSync, openSync, writeSync } from "node:fs";
import type { Log } from "../../model/log.ts";

/**
 * Writes whole lines to the end of a file, so that several processes can share it, or to standard error (`-`). The file
 * is opened each time: whoever rotates it may move it away. What cannot be written is lost, and said so once.
 */
export function accessLogWriter(path: string, log: Log): (lines: string) => void {
  if (path === "-") return (lines) => void process.stderr.write(lines);
  let broken = false;
  return (lines) => {
    try {
      append(path, lines);
      broken = false;
    } catch (error) {
      if (!broken) log.error("the access log cannot be written; requests are not noted", { path, error });
      broken = true;
    }
  };
}

function append(path: string, lines: string): void {
  const file = openSync(path, "a", 0o600);
  try {
    writeSync(file, lines);
  } finally {
    closeSync(file);
  }
}
