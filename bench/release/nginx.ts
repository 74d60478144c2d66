import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Child } from "../src/harness/child.ts";
import { freePort } from "../src/harness/free-port.ts";
import { nginxFiles } from "../src/harness/nginx-files.ts";
import { commandOf, processTree } from "../src/harness/processes.ts";
import { scratchFolder } from "../src/harness/scratch-folder.ts";
import { endPlainApps, type PlainApp, startPlainApps } from "../traffic/plain-apps.ts";
import { untilAnswered } from "../traffic/until-answered.ts";
import type { ReleasedSide } from "./released-side.ts";

const instances = 2;
const lookEveryMs = 20;

export async function startReleasedNginx(): Promise<ReleasedSide> {
  const folder = scratchFolder(tmpdir(), "trellis-bench-nginx-");
  const port = await freePort();
  const config = join(folder.path, "nginx.conf");
  const words = ["nginx", "-p", folder.path, "-c", config] as const;
  const write = (apps: readonly PlainApp[]): void =>
    writeFileSync(config, balancingNginx({ port, folder: folder.path, ports: apps.map((app) => app.port) }));
  let apps = await startPlainApps(instances);
  write(apps);
  const nginx = new Child([...words]);
  const origin = `http://127.0.0.1:${port}` as const;
  await untilAnswered(origin);
  return {
    origin,
    async release() {
      const before = { apps, workers: workersOf(folder.path) };
      apps = await startPlainApps(instances);
      write(apps);
      execFileSync(words[0], [...words.slice(1), "-s", "reload"], { stdio: "ignore" });
      while (!before.workers.every(takesNothingNew)) await pause(lookEveryMs);
      // Only now do its WebSockets end, and with them the old workers.
      await endPlainApps(before.apps);
      while (workersOf(folder.path).some((pid) => before.workers.includes(pid))) await pause(lookEveryMs);
    },
    async end() {
      await nginx.end();
      await endPlainApps(apps);
      folder.remove();
    },
  };
}

function workersOf(folder: string): readonly number[] {
  return processTree(Number(readFileSync(join(folder, "nginx.pid"), "utf8"))).slice(1);
}

function takesNothingNew(worker: number): boolean {
  try {
    return commandOf(worker).endsWith("is shutting down");
  } catch {
    // It has ended.
    return true;
  }
}

/** A master and one worker before several origins; connections to them are kept. */
export function balancingNginx({
  port,
  folder,
  ports,
}: {
  readonly port: number;
  readonly folder: string;
  readonly ports: readonly number[];
}): string {
  return `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log /dev/null;
events { worker_connections 16384; }
http {
  ${nginxFiles(folder)}
  map $http_upgrade $upgrading { default upgrade; "" ""; }
  upstream origins { ${ports.map((each) => `server 127.0.0.1:${each};`).join(" ")} keepalive 256; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://origins;
      proxy_http_version 1.1;
      proxy_set_header upgrade $http_upgrade;
      proxy_set_header connection $upgrading;
      proxy_buffering off;
    }
  }
}
`;
}
