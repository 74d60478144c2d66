import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeSalts } from "../../packages/trellis/src/client-facts/salt-file.ts";
import type { GatewayStart, UpstreamRule } from "../../packages/trellis/src/gateway/port.ts";
import { type EdgeEventPlan, formatEdgeEventPlan } from "../../packages/trellis/src/model/edge-event.ts";
import { dayOf } from "../../packages/trellis/src/policies/client-facts/salts.ts";
import { systemClock } from "../../packages/trellis/src/runtime/system-clock.ts";
import { gatewayCommand } from "../../packages/trellis/src/supervisor/gateway-process.ts";
import { Child } from "../src/harness/child.ts";
import { freePort } from "../src/harness/free-port.ts";
import { hasProgram } from "../src/harness/has-program.ts";
import type { Load } from "../src/harness/load.ts";
import { nodeProgram, pinned } from "../src/harness/pinning.ts";
import { scratchFolder } from "../src/harness/scratch-folder.ts";
import { haproxyConfig, nginxConfig } from "./proxy-configs.ts";

/** A gateway with the app behind it. */
export interface GatewaySide {
  readonly origin: Load["origin"];
  /** The app behind it, asked without it. */
  readonly app: Load["origin"];
  readonly gatewayPid: number;
  readonly instancePid: number;
  /** Where the gateway writes down what it answers from memory, if it does. */
  readonly data?: string;
  end(): Promise<void>;
}

export type StartGatewaySide = () => Promise<GatewaySide>;

const here = (file: string): URL => new URL(file, import.meta.url);
const main = fileURLToPath(new URL("../../packages/trellis/src/cli/main.ts", import.meta.url));

/** What every side may keep of the app's answers: nothing unless said. */
export interface GatewayWork {
  readonly cacheControl?: string;
  /** To be given such an answer is this event. */
  readonly event?: EdgeEventPlan;
}

/** Trellis's gateway; the app is its own instance, or a stranger's origin over HTTP. */
export function trellisGateway(way: "frames" | "http", work: GatewayWork = {}): StartGatewaySide {
  return () =>
    withFolder(async (folder) => {
      const socket = join(folder, "instance.sock");
      const instance = await startOrigin(work, ...(way === "frames" ? [socket] : []));
      const address: UpstreamRule["address"] =
        way === "frames" ? { frames: socket } : { url: `http://127.0.0.1:${instance.port}` };
      const data = work.event ? { data: await dataIn(folder) } : {};
      const gateway = new Child(pinned("server", gatewayCommand(main)), {
        // More than any of the benches opens.
        env: { TRELLIS_CONNECTIONS: "20000" },
        input: `${JSON.stringify({ ...startOf(folder, address), ...data })}\n`,
      });
      const { port } = await gateway.line("port");
      return { ...sideOf(Number(port), gateway, instance), ...data };
    });
}

/** A program of this folder, before the app over HTTP. */
export function nodeProxy(file: string): StartGatewaySide {
  return () =>
    withFolder(async () => {
      const instance = await startOrigin({});
      const origin = `http://127.0.0.1:${instance.port}`;
      const gateway = new Child(pinned("server", nodeProgram(here(file), origin)));
      const { listening } = await gateway.line("listening");
      return sideOf(Number(listening), gateway, instance);
    });
}

/** Those of them that are installed. */
export function serversHere(): Readonly<Record<string, StartGatewaySide>> {
  return {
    ...nginxHere(),
    ...(hasProgram("haproxy") ? { haproxy: startHaproxy } : {}),
  };
}

/** nginx, where it is installed; with its cache where the work has something to keep. */
export function nginxHere(work: GatewayWork = {}): Readonly<Record<string, StartGatewaySide>> {
  return hasProgram("nginx") ? { nginx: () => startNginx(work) } : {};
}

function startNginx(work: GatewayWork): Promise<GatewaySide> {
  return withFolder(async (folder) => {
    const instance = await startOrigin(work);
    const port = await freePort();
    const config = join(folder, "nginx.conf");
    writeFileSync(
      config,
      nginxConfig({ port, originPort: instance.port, folder, keeps: work.cacheControl !== undefined }),
    );
    return sideOf(port, new Child(pinned("server", ["nginx", "-p", folder, "-c", config])), instance);
  });
}

function startHaproxy(): Promise<GatewaySide> {
  return withFolder(async (folder) => {
    const instance = await startOrigin({});
    const port = await freePort();
    const config = join(folder, "haproxy.cfg");
    writeFileSync(config, haproxyConfig(port, instance.port));
    return sideOf(port, new Child(pinned("server", ["haproxy", "-db", "-f", config])), instance);
  });
}

interface StartedOrigin {
  readonly child: Child;
  readonly port: number;
}

/** The app beside the load generator, so that the gateway has a core of its own. */
async function startOrigin({ cacheControl, event }: GatewayWork, ...socket: readonly string[]): Promise<StartedOrigin> {
  const command = pinned("generator", nodeProgram(here("origin.ts"), ...socket));
  const env = {
    ...(cacheControl === undefined ? {} : { CACHE_CONTROL: cacheControl }),
    ...(event ? { EDGE_EVENT: formatEdgeEventPlan(event) } : {}),
  };
  const child = new Child(command, { env });
  const { listening } = await child.line("listening");
  return { child, port: Number(listening) };
}

/** A data folder as an instance leaves it, with the salt that visitors are told apart by today. */
async function dataIn(folder: string): Promise<string> {
  const today = dayOf(systemClock.now());
  const salts = new Map([today, today + 1].map((day) => [day, randomBytes(32)]));
  await writeSalts(folder, salts, today);
  return folder;
}

function startOf(folder: string, address: UpstreamRule["address"]): GatewayStart {
  return {
    name: "gateway-1",
    control: join(folder, "gateway.sock"),
    port: 0,
    host: "127.0.0.1",
    edgeBytesMax: 67_108_864,
    alone: "serves",
    table: {
      version: 1,
      hosts: [{ host: "*", service: "orders" }],
      services: [{ name: "orders", pool: "web", edge: true }],
      pools: [{ name: "web", upstreams: [{ id: "web-1", address }] }],
    },
  };
}

function sideOf(port: number, gateway: Child, instance: StartedOrigin): GatewaySide {
  const end = async (): Promise<void> => {
    await gateway.end();
    await instance.child.end();
  };
  return {
    origin: `http://127.0.0.1:${port}`,
    app: `http://127.0.0.1:${instance.port}`,
    gatewayPid: gateway.pid,
    instancePid: instance.child.pid,
    end,
  };
}

async function withFolder(start: (folder: string) => Promise<GatewaySide>): Promise<GatewaySide> {
  const folder = scratchFolder(tmpdir(), "trellis-bench-");
  try {
    const side = await start(folder.path);
    const end = async (): Promise<void> => {
      await side.end();
      folder.remove();
    };
    return { ...side, end };
  } catch (error) {
    folder.remove();
    throw error;
  }
}
