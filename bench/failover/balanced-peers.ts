import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { balancingNginx } from "../release/nginx.ts";
import { Child } from "../src/harness/child.ts";
import { freePort } from "../src/harness/free-port.ts";
import { scratchFolder } from "../src/harness/scratch-folder.ts";
import { endPlainApps, startPlainApps } from "../traffic/plain-apps.ts";
import { untilAnswered } from "../traffic/until-answered.ts";
import type { BalancedSide } from "./balanced-side.ts";

const instances = 3;

export function startBalancedNginx(): Promise<BalancedSide> {
  return startBalanced("nginx.conf", balancingNginx, (file, folder) => ["nginx", "-p", folder, "-c", file]);
}

export function startBalancedHaproxy(): Promise<BalancedSide> {
  return startBalanced("haproxy.cfg", balancingHaproxy, (file) => ["haproxy", "-db", "-f", file]);
}

interface Balancing {
  readonly port: number;
  readonly folder: string;
  readonly ports: readonly number[];
}

async function startBalanced(
  file: string,
  config: (balancing: Balancing) => string,
  command: (file: string, folder: string) => [string, ...string[]],
): Promise<BalancedSide> {
  const folder = scratchFolder(tmpdir(), "trellis-bench-balanced-");
  const apps = await startPlainApps(instances);
  const port = await freePort();
  const path = join(folder.path, file);
  writeFileSync(path, config({ port, folder: folder.path, ports: apps.map((app) => app.port) }));
  const balancer = new Child(command(path, folder.path));
  const origin = `http://127.0.0.1:${port}` as const;
  await untilAnswered(origin);
  return {
    origin,
    killOne: () => void process.kill(apps[0]?.child.pid ?? 0, "SIGKILL"),
    async end() {
      await balancer.end();
      await endPlainApps(apps);
      folder.remove();
    },
  };
}

const balancingHaproxy = ({ port, ports }: Balancing): string => `
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  http-reuse always
  retries 3
  option redispatch 1
  retry-on conn-failure empty-response
  timeout connect 5s
  timeout client 600s
  timeout server 60s
frontend front
  bind 127.0.0.1:${port}
  default_backend origins
backend origins
${ports.map((each, index) => `  server app${index} 127.0.0.1:${each} check inter 2s maxconn 256 pool-max-conn 256`).join("\n")}
`;
