import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { createInterface } from "node:readline";
import type { Clock } from "../../model/clock.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Log } from "../../model/log.ts";
import type { Plan } from "../../model/plan.ts";
import { openLog } from "../../runtime/pino-log.ts";
import { askControl } from "../../supervisor/ask-control.ts";
import type { InstanceOrder, InstanceReport } from "../../supervisor/instance-message.ts";
import type { InstanceError, ReadyFacts } from "../../supervisor/instance-process.ts";
import { loadApp } from "../load-app.ts";
import { type HostedInstances, type HostOptions, hostInstances } from "./host-instances.ts";
import { scaledPlan } from "./scaled-plan.ts";

/** Nobody sends it anything any more: it only finishes what it has. */
const orphanDrainMs = 5_000;
/** Beyond the drain: closing pools, and what blocks finish. */
const closeMs = 2_000;
/** After the start: writing what Node made of several hundred modules holds everything up for a moment. */
const keepCodeMs = 3_000;
/** The pipe to the supervisor that has started it. */
const reportDescriptor = 3;

/** What an instance's process does: becomes what it is told on standard input, reports, and ends when told to. */
export async function serveInstance(clock: Clock): Promise<void> {
  const ending = new Ending();
  try {
    const order = await readOrder(() => ending.orphaned());
    const loaded = await loadApp(order.config);
    // One process does everything then: there is nothing to split out into.
    const app = order.development ? { ...loaded, split: {} } : loaded;
    const environment = { ...process.env, ...(order.port === undefined ? {} : { PORT: String(order.port) }) };
    const plan = scaledPlan(app, environment, order.ranges ?? {});
    const log = await openInstanceLog(plan, order);
    exitOnDefect(log);
    const hosted = await hostInstances(plan, { ...order, ...wakenBy(order), log, clock });
    ending.afterwards(hosted, plan.settings.drainTimeoutMs);
    report({ kind: "ready", facts: await readyFacts(hosted, order) });
    // Not only at the end, which may be a kill; and not now, when the first requests come.
    clock.after(keepCodeMs, flushCompileCache);
  } catch (error) {
    report({ kind: "failed", error: instanceError(error) });
    process.exit(1);
  }
}

function readOrder(onOrphaned: () => void): Promise<InstanceOrder> {
  return new Promise((resolve, reject) => {
    let told = false;
    const lines = createInterface({ input: process.stdin });
    lines.once("line", (line) => {
      told = true;
      const order = JSON.parse(line) as InstanceOrder;
      resolve(order);
      // Nothing more comes; and what is left open there would keep this process alive.
      if (order.development) lines.once("close", onOrphaned);
      else process.stdin.destroy();
    });
    lines.once("close", () => {
      if (!told)
        reject(new TrellisError("usage", { says: "An instance's process is told on standard input what to be" }));
    });
  });
}

/** Whoever has started it may be gone: then nobody wants to know. */
function report(message: InstanceReport): void {
  try {
    writeSync(reportDescriptor, `${JSON.stringify(message)}\n`);
  } catch (error) {
    if (!["EPIPE", "EBADF"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

async function openInstanceLog({ settings }: Plan, { roles, group, number, development }: InstanceOrder): Promise<Log> {
  const level = settings.logLevel;
  if (!development) {
    const role = roles.join("+");
    return openLog({ level, facts: { role, instance: `${group ?? role}-${number}`, pid: process.pid } });
  }
  const { prettyStream } = await import("../../runtime/pretty-stream.ts");
  return openLog({ level, to: prettyStream() });
}

/** Services at rest are woken by the supervisor: whichever listens there at the time. */
function wakenBy({ control }: InstanceOrder): Pick<HostOptions, "wake"> {
  if (control === undefined) return {};
  return { wake: async (service) => (await askControl(control, { ask: "wake", service })) === true };
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
    report({ kind: "failed", error: instanceError(error) });
    process.exit(1);
  });
}

function instanceError(error: unknown): InstanceError {
  if (error instanceof TrellisError) return { code: error.code, says: error.message, cure: error.cure };
  const says = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "internal", says, cure: "Correct the code that the first lines name." };
}

/** When and how this process ends: on SIGTERM, and at once on a second one. Its supervisor's end is not its own. */
class Ending {
  #hosted: HostedInstances | undefined;
  #drainMs = 0;
  #asked = false;

  constructor() {
    // Ctrl-C and a closed terminal may reach every process; what they mean is the supervisor's to say.
    for (const name of ["SIGINT", "SIGHUP"]) process.on(name, () => undefined);
    process.on("SIGTERM", () => (this.#asked ? process.exit(1) : void this.#end()));
  }

  /** From now on there is something to finish first. */
  afterwards(hosted: HostedInstances, drainMs: number): void {
    this.#hosted = hosted;
    this.#drainMs = drainMs;
  }

  /** Whoever follows the edits of its code is gone. */
  orphaned(): void {
    if (!this.#asked) void this.#end(Math.min(orphanDrainMs, this.#drainMs));
  }

  async #end(drainMs = this.#drainMs): Promise<void> {
    this.#asked = true;
    const whole = await this.#hosted?.stop(drainMs + closeMs);
    process.exit(whole === false ? 1 : 0);
  }
}
