import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const established = "01";
const notTaken = "0";

/**
 * The other ends' ports of all TCP connections that a process has on one of its ports; undefined while some process has
 * connections on that port that it has not taken yet, since whose they will be is not told.
 */
export function clientPortsOf(pid: number, port: number): ReadonlySet<number> | undefined {
  const own = socketsOf(pid);
  const ports = new Set<number>();
  for (const table of ["tcp", "tcp6"])
    for (const line of readFileSync(`/proc/${pid}/net/${table}`, "utf8").trim().split("\n").slice(1)) {
      const [, local = "", remote = "", state, , , , , , inode = ""] = line.trim().split(/\s+/);
      if (state !== established || portOf(local) !== port) continue;
      if (inode === notTaken) return undefined;
      if (own.has(inode)) ports.add(portOf(remote));
    }
  return ports;
}

const portOf = (address: string): number => Number.parseInt(address.split(":")[1] ?? "", 16);

function socketsOf(pid: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const fd of readdirSync(`/proc/${pid}/fd`))
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // It was closed while the list was read.
    }
  return inodes;
}
