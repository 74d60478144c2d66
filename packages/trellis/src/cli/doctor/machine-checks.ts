import { existsSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Group } from "../../model/group.ts";
import type { Plan } from "../../model/plan.ts";
import { type Finding, note, ok, wrong } from "./finding.ts";

const nodeMajorMin = 24;
const megabyte = 2 ** 20;

export function checkNode(version: string): Finding {
  if (Number.parseInt(version, 10) >= nodeMajorMin) return ok("node", `Node.js ${version}`);
  return wrong(
    "node",
    `Node.js ${version} is older than ${nodeMajorMin}`,
    "Use npm, which brings its own, or install Node.js 24.",
  );
}

/** Measured: an instance idles at 80 MB and the embedded server at 30; with room for requests and their data. */
const instanceBytes = 160 * megabyte;
const databaseBytes = 128 * megabyte;

export function checkMemory(
  availableBytes: number,
  { groups, database }: Pick<Plan, "database"> & { readonly groups: readonly Pick<Group, "instances">[] },
): Finding {
  const count = groups.reduce((sum, { instances }) => sum + instances, 0) + 1;
  const needed = count * instanceBytes + (database.url === undefined ? databaseBytes : 0);
  const says = `${megabytes(availableBytes)} free; ${count} processes${database.url === undefined ? " and PostgreSQL" : ""} want ${megabytes(needed)}`;
  if (availableBytes >= needed) return ok("memory", says);
  return wrong("memory", says, "Run fewer instances (TRELLIS_WEB, TRELLIS_WORKERS), or free or add memory.");
}

const diskBytesMin = 256 * megabyte;
const diskBytesGood = 2_048 * megabyte;

export async function checkDisk(folder: string): Promise<Finding> {
  let at = folder;
  while (!existsSync(at)) at = dirname(at);
  const { bavail, bsize } = await statfs(at);
  const free = bavail * bsize;
  const says = `${megabytes(free)} free for ${folder}`;
  if (free >= diskBytesGood) return ok("disk", says);
  if (free >= diskBytesMin) return note("disk", says, "Free some space before it is needed.");
  return wrong("disk", says, "Free some space, or choose another disk with --data.");
}

/** A clock that is behind the app's own configuration is behind. */
export function checkClock(now: number, config: string): Finding {
  const writtenAt = statSync(config).mtimeMs;
  const dayMs = 86_400_000;
  if (now + dayMs >= writtenAt) return ok("clock", new Date(now).toISOString());
  return wrong(
    "clock",
    `The clock says ${new Date(now).toISOString()}, but ${config} was written on ${new Date(writtenAt).toISOString()}`,
    "Set the clock; a time service such as systemd-timesyncd or chrony keeps it right.",
  );
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / megabyte).toLocaleString("en")} MB`;
}
