import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Clock } from "../model/clock.ts";
import type { InstanceOrder, InstanceReport } from "./instance-message.ts";
import type { InstanceError, InstanceListener, InstanceProcess } from "./instance-process.ts";
import { bornAt } from "./process-identity.ts";

export interface ChildOptions {
  /** The file of code that it runs. */
  readonly entry: string;
  /** Behind `instance-process` among its arguments, so that `ps` tells it from the others. */
  readonly name: string;
  readonly order: InstanceOrder;
  /** Where it writes what it says: the descriptor of a file, or 2 for our own standard error. */
  readonly output: number;
  /** In a session of its own: it outlives this process, and Ctrl-C does not reach it. */
  readonly detached: boolean;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

/** The word that makes the command's own file an instance. */
const instanceWord = "instance-process";
/** The descriptor on which it reports. */
const reportDescriptor = 3;
/** Its last report is in the pipe when it has ended; but something that it has started may keep the pipe open. */
const lastReportMs = 100;

/** Starts a process that is an instance. It gets its order on standard input, and reports on a pipe of its own. */
export function startChild(options: ChildOptions, listener: InstanceListener): InstanceProcess {
  const { entry, name, order, output, detached, environment = process.env } = options;
  const stdio: StdioOptions = ["pipe", output, output, "pipe"];
  const child = spawn(process.execPath, [entry, instanceWord, name], { detached, stdio, env: environment });
  const input = child.stdin as Writable | null;
  // Whoever has ended reads nothing: its end is told anyway.
  input?.on("error", () => undefined);
  input?.write(`${JSON.stringify(order)}\n`);
  // One that is not to outlive this process learns of its end by that of its input.
  if (detached) input?.end();
  watch(child, listener, options.clock);
  const { pid = 0 } = child;
  const born = bornAt(pid);
  return {
    pid,
    ...(born === undefined ? {} : { born }),
    drain: () => void child.kill("SIGTERM"),
    kill: () => void child.kill("SIGKILL"),
  };
}

function watch(child: ChildProcess, listener: InstanceListener, clock: Clock): void {
  let error: InstanceError | undefined;
  let gone = false;
  const ended = (says: string) => {
    if (gone) return;
    gone = true;
    listener.ended({ says, ...(error ? { error } : {}) });
  };
  const reports = child.stdio[reportDescriptor] as Readable | null;
  if (reports)
    createInterface({ input: reports }).on("line", (line) => {
      const report = JSON.parse(line) as InstanceReport;
      if (report.kind === "ready") listener.ready(report.facts);
      else if (report.kind === "failed") error = report.error;
    });
  child.once("exit", (code, signal) => {
    const says = signal ? `signal ${signal}` : `exit code ${code}`;
    child.once("close", () => ended(says));
    clock.after(lastReportMs, () => {
      reports?.destroy();
      ended(says);
    });
  });
  child.once("error", (cause) => {
    if (child.pid === undefined) ended(`it could not be started: ${cause.message}`);
  });
}
