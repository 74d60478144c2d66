import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A PostgreSQL server from the distribution's packages, on a free port of the loopback, its data thrown away. */
export interface DebianPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root: it runs as `nobody` then. */
const nobody = 65_534;

/** Undefined where no such package is installed. */
export async function startDebianPostgres(): Promise<DebianPostgres | undefined> {
  const [bin] = globSync("/usr/lib/postgresql/*/bin").toSorted().toReversed();
  if (bin === undefined) return undefined;
  const data = mkdtempSync(join(tmpdir(), "trellis-debian-postgres-"));
  const asNobody = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  if (asNobody.uid !== undefined) chownSync(data, nobody, nobody);
  execFileSync(join(bin, "initdb"), ["-D", data, "-U", "trellis", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8"], {
    ...asNobody,
    stdio: "ignore",
  });
  const port = await freePort();
  const settings = { port, listen_addresses: "127.0.0.1", unix_socket_directories: "", max_connections: 300 };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(join(bin, "postgres"), ["-D", data, ...options], { ...asNobody, stdio: "ignore" });
  const ended = once(server, "exit");
  await Promise.race([answers(port), ended.then(() => Promise.reject(new Error("PostgreSQL did not start")))]);
  return {
    url: `postgres://trellis@127.0.0.1:${port}/postgres`,
    stop: async () => {
      server.kill("SIGINT");
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** Resolves when something accepts connections there. */
async function answers(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const outcome = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (outcome) return;
    await new Promise((again) => setTimeout(again, 20));
  }
}
