import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Invocation } from "./unprivileged.ts";

const linesKept = 20;

/** A program of PostgreSQL's that was started. */
export interface Child {
  readonly pid: number;
  /** Resolves with the exit code, or the signal's name, when it has ended. */
  readonly ended: Promise<number | string>;
  /** The last lines that it wrote, for an error that must say why. */
  lastWords(): string;
  /** Sends a signal, unless it has ended: its number may be another program's by then. */
  signal(name: NodeJS.Signals): void;
}

/** What becomes of what a program says: each line is told, or all of it goes to a file, which outlives us. */
export type Output = ((line: string) => void) | { readonly file: string };

/** Rejects where the program cannot be run. */
export async function startChild({ command, args, uid, gid }: Invocation, output: Output): Promise<Child> {
  const file = typeof output === "function" ? undefined : await open(output.file, "a", 0o600);
  const child = spawn(command, args, {
    // In a session of its own: Ctrl-C is for Trellis, which stops PostgreSQL after the instances.
    detached: true,
    stdio: file ? ["ignore", file.fd, file.fd] : ["ignore", "pipe", "pipe"],
    cwd: "/",
    env: { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" },
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  if (typeof output !== "function") {
    const words = () => lastLines(output.file);
    return started(child, words).finally(() => file?.close());
  }
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > linesKept) lines.shift();
    output(line);
  };
  for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on("line", keep);
  return started(child, () => lines.join("\n"));
}

function lastLines(file: string): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-linesKept).join("\n");
}

function started(child: ChildProcess, lastWords: () => string): Promise<Child> {
  const ended = new Promise<number | string>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? code ?? 0));
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () =>
      resolve({ pid: child.pid ?? 0, ended, lastWords, signal: (name) => void child.kill(name) }),
    );
  });
}
