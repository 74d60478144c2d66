import cluster, { type Worker } from "node:cluster";
import type { Role } from "../model/plan.ts";
import type { InstanceOrder, InstanceReport } from "./instance-message.ts";
import type {
  InstanceEnd,
  InstanceError,
  InstanceListener,
  InstanceProcess,
  SpawnInstance,
} from "./instance-process.ts";

export interface ClusterOptions {
  /** The file that each process runs. */
  readonly entry: string;
  /** What its processes get besides this one's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly orderFor: (role: Role, number: number) => InstanceOrder;
}

/**
 * Spawns instances that share one port: this process accepts connections and hands them out in turn (node:cluster), so
 * that it works the same on Linux and macOS.
 */
export function clusterSpawn({ entry, environment = {}, orderFor }: ClusterOptions): SpawnInstance {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  // Standard output belongs to the command's own answers, so what instances write there goes to standard error.
  cluster.setupPrimary({ exec: entry, args: [], stdio: ["ignore", 2, 2, "ipc"] });
  return (role, number, listener) => {
    const worker = cluster.fork(environment);
    return listenTo(worker, listener, () => orderFor(role, number));
  };
}

function listenTo(worker: Worker, listener: InstanceListener, order: () => InstanceOrder): InstanceProcess {
  let error: InstanceError | undefined;
  let gone = false;
  const ended = (says: string) => {
    if (gone) return;
    gone = true;
    const end: InstanceEnd = { says, ...(error ? { error } : {}) };
    listener.ended(end);
  };
  worker.on("message", (report: InstanceReport) => {
    if (report.kind === "asks") worker.send(order());
    else if (report.kind === "ready") listener.ready(report.facts);
    else error = report.error;
  });
  // Not "exit": a report may still be on its way then.
  worker.process.once("close", (code, signal) => ended(signal ? `signal ${signal}` : `exit code ${code}`));
  worker.on("error", (cause) => {
    // Also told when a message cannot be sent to a process that has just ended: then its exit follows.
    if (worker.process.pid === undefined) ended(`it could not be started: ${cause.message}`);
  });
  return {
    pid: worker.process.pid ?? 0,
    drain: () => void worker.process.kill("SIGTERM"),
    kill: () => void worker.process.kill("SIGKILL"),
  };
}
