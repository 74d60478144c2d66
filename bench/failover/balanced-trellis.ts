import { setTimeout as pause } from "node:timers/promises";
import { type StartedTrellis, startTrellis, trellis } from "../src/harness/trellis-command.ts";
import type { Traffic } from "../traffic/traffic-words.ts";
import { trafficApp } from "../traffic/trellis-app.ts";
import type { BalancedSide } from "./balanced-side.ts";
import { clientPortsOf } from "./client-ports.ts";

const lookEveryMs = 5;

export async function startBalancedTrellis(): Promise<BalancedSide> {
  const { started, ...side } = await startApp({ TRELLIS_WEB: "3", TRELLIS_WORKERS: "0" });
  const instance = started.instances.find(({ role }) => role === "web");
  return { ...side, killOne: () => void process.kill(instance?.pid ?? 0, "SIGKILL") };
}

export interface TwoGateways extends Omit<BalancedSide, "killOne"> {
  /** Kills one of them. Returns the clients' ports of the connections that it had. */
  killGateway(): Promise<ReadonlySet<number>>;
}

export async function startTwoGateways(): Promise<TwoGateways> {
  const {
    started: _,
    status,
    ...side
  } = await startApp({
    TRELLIS_GATEWAYS: "2",
    TRELLIS_WEB: "2",
    TRELLIS_WORKERS: "0",
  });
  const { gateways } = JSON.parse(await status()) as { gateways: { pid: number }[] };
  const [victim, other] = gateways;
  if (!victim || !other) throw new Error(`There are ${gateways.length} gateways instead of two.`);
  return {
    ...side,
    async killGateway() {
      const port = Number(new URL(side.origin).port);
      let ports = clientPortsOf(victim.pid, port);
      for (; ports === undefined; ports = clientPortsOf(victim.pid, port)) await pause(lookEveryMs);
      process.kill(victim.pid, "SIGKILL");
      return ports;
    },
  };
}

interface StartedApp {
  readonly origin: Traffic["origin"];
  readonly started: StartedTrellis;
  /** What `trellis status --json` says. */
  status(): Promise<string>;
  end(): Promise<void>;
}

async function startApp(settings: Readonly<Record<string, string>>): Promise<StartedApp> {
  const app = trafficApp();
  try {
    const started = await startTrellis({ app: app.folder, data: app.data, settings });
    return {
      started,
      origin: `http://127.0.0.1:${Number(new URL(started.url).port)}`,
      status: () => trellis(["status", "--json", "--data", app.data], app.folder),
      async end() {
        await started.end();
        app.remove();
      },
    };
  } catch (error) {
    app.remove();
    throw error;
  }
}
