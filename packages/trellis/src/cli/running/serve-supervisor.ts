import cluster from "node:cluster";
import { flushCompileCache } from "node:module";
import type { Clock } from "../../model/clock.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Log } from "../../model/log.ts";
import { plan as makePlan, type Plan } from "../../model/plan.ts";
import { openLog } from "../../runtime/pino-log.ts";
import type { InstanceOrder, InstanceReport } from "../../supervisor/instance-message.ts";
import type { InstanceError, ReadyFacts } from "../../supervisor/instance-process.ts";
import { loadApp } from "../load-app.ts";
import { type HostedInstances, hostInstances } from "./host-instances.ts";

/** Without its supervisor an instance gets no more requests: it only finishes those that it has. */
const orphanDrainMs = 5_000;
/** Beyond the drain: closing pools, and what blocks finish. */
const closeMs = 2_000;
/** After the start: writing what Node made of several hundred modules holds everything up for a moment. */
const keepCodeMs = 3_000;

/** What a process does that a supervisor has started: asks which instance to be, is it, and ends when told to. */
export async function serveSupervisor(clock: Clock): Promise<void> {
  const ending = new Ending();
  try {
    const order = await askForOrder();
    const app = await loadApp(order.config);
    const plan = makePlan(app, { ...process.env, PORT: String(order.port) });
    const log = await openInstanceLog(plan, order);
    exitOnDefect(log);
    const hosted = await hostInstances(plan, { ...order, log, clock });
    ending.afterwards(hosted, plan.settings.drainTimeoutMs);
    await report({ kind: "ready", facts: await readyFacts(hosted, order) });
    // Not only at the end, which may be a kill; and not now, when the first requests come.
    clock.after(keepCodeMs, flushCompileCache);
  } catch (error) {
    await report({ kind: "failed", error: instanceError(error) });
    process.exit(1);
  }
}

/** Asked for rather than waited for: a message that comes before anyone listens would be lost. */
function askForOrder(): Promise<InstanceOrder> {
  return new Promise((resolve) => {
    cluster.worker?.once("message", resolve);
    void report({ kind: "asks" });
  });
}

/** Resolves when the supervisor has it, or can no longer get it. */
function report(message: InstanceReport): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected || !process.send) return resolve();
    process.send(message, undefined, undefined, () => resolve());
  });
}

async function openInstanceLog({ settings }: Plan, { roles, development }: InstanceOrder): Promise<Log> {
  const level = settings.logLevel;
  if (!development) return openLog({ level, facts: { role: roles.join("+"), pid: process.pid } });
  const { prettyStream } = await import("../../runtime/pretty-stream.ts");
  return openLog({ level, to: prettyStream() });
}

async function readyFacts({ instances }: HostedInstances, order: InstanceOrder): Promise<ReadyFacts> {
  const [first] = instances;
  const port = instances.find((instance) => instance.port !== undefined)?.port;
  // In production the supervisor has seen to it before any instance was started.
  const ownerKey = order.development ? await first?.opened.keys.firstOwnerKey() : undefined;
  return {
    privateUrl: first?.privateUrl ?? "",
    ...(port === undefined ? {} : { port }),
    ...(ownerKey === undefined ? {} : { ownerKey }),
  };
}

/** Node would end the process as well, but in words that no log reads and no supervisor hears. */
function exitOnDefect(log: Log): void {
  process.on("uncaughtException", (error, origin) => {
    log.error("a defect ended this instance", { error, origin });
    void report({ kind: "failed", error: instanceError(error) }).then(() => process.exit(1));
  });
}

function instanceError(error: unknown): InstanceError {
  if (error instanceof TrellisError) return { code: error.code, says: error.message, cure: error.cure };
  const says = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "internal", says, cure: "Correct the code that the first lines name." };
}

/** When and how this process ends: on SIGTERM, a second one, or the end of its supervisor. */
class Ending {
  #hosted: HostedInstances | undefined;
  #drainMs = 0;
  #asked = false;

  constructor() {
    // Ctrl-C and a closed terminal reach every process of the group; what they mean is the supervisor's to say.
    for (const name of ["SIGINT", "SIGHUP"]) process.on(name, () => undefined);
    process.on("SIGTERM", () => (this.#asked ? process.exit(1) : void this.#end(this.#drainMs)));
    cluster.worker?.once("disconnect", () => {
      // Otherwise Node ends a worker without its primary at once, and cuts off the requests that it has.
      if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
      void this.#end(Math.min(orphanDrainMs, this.#drainMs));
    });
  }

  /** From now on there is something to finish first. */
  afterwards(hosted: HostedInstances, drainMs: number): void {
    this.#hosted = hosted;
    this.#drainMs = drainMs;
  }

  async #end(drainMs: number): Promise<void> {
    this.#asked = true;
    const whole = await this.#hosted?.stop(drainMs + closeMs);
    process.exit(whole === false ? 1 : 0);
  }
}
