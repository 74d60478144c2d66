import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "../src/harness/free-port.ts";
import { scratchFolder } from "../src/harness/scratch-folder.ts";
import { plainAppFile } from "../traffic/plain-apps.ts";
import { untilAnswered } from "../traffic/until-answered.ts";
import type { ReleasedSide } from "./released-side.ts";

const command = fileURLToPath(new URL("../node_modules/pm2/bin/pm2", import.meta.url));

export async function startReleasedPm2(): Promise<ReleasedSide> {
  const folder = scratchFolder(tmpdir(), "trellis-bench-pm2-");
  const port = await freePort();
  const config = join(folder.path, "ecosystem.json");
  writeFileSync(config, JSON.stringify({ apps: [appOf(port)] }));
  const env = { ...process.env, PM2_HOME: folder.path, NODE_ENV: "production" };
  const pm2 = (...words: readonly string[]) => promisify(execFile)(process.execPath, [command, ...words], { env });
  const origin = `http://127.0.0.1:${port}` as const;
  const end = async (): Promise<void> => {
    await pm2("kill");
    folder.remove();
  };
  try {
    await pm2("start", config);
    await untilAnswered(origin);
  } catch (error) {
    await end();
    throw error;
  }
  return { origin, release: async () => void (await pm2("reload", "plain")), end };
}

const appOf = (port: number) => ({
  name: "plain",
  script: fileURLToPath(plainAppFile),
  exec_mode: "cluster",
  interpreter: "node",
  instances: 2,
  wait_ready: true,
  listen_timeout: 20_000,
  kill_timeout: 20_000,
  env: { PORT: String(port) },
});
