import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Limit } from "../../model/limit.ts";
import type { ReleaseRecord } from "../../supervisor/state.ts";

/** Among them is what a rollback may want; the code of a release is some megabytes, its dependencies are links. */
const keptReleases = 5;

export const releaseLimits: readonly Limit[] = [
  {
    name: "releases whose code is kept",
    value: keptReleases,
    unit: "entries",
    set: "fixed: besides them the one that serves and the one before",
  },
];

/** What is left of a release whose folder is on its way out, or was never whole. */
const remains = /^\d+\.(?:gone|tar)$/;

/** Removes the folders of releases that nobody is likely to go back to, and what a kill has left of others. */
export async function pruneReleases(
  folder: string,
  releases: readonly ReleaseRecord[],
  current: number | undefined,
): Promise<void> {
  const stay = stayingReleases(releases, current);
  const last = releases.at(-1)?.number ?? 0;
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    if (remains.test(name)) await rm(path, { recursive: true, force: true });
    // What has a higher number is being made.
    if (!/^\d+$/.test(name) || Number(name) > last || stay.has(Number(name))) continue;
    // A kill while it is removed must not leave what looks whole.
    await rename(path, `${path}.gone`);
    await rm(`${path}.gone`, { recursive: true, force: true });
  }
}

function stayingReleases(releases: readonly ReleaseRecord[], current: number | undefined): ReadonlySet<number> {
  const before = releases.findLast(({ state }) => state === "replaced");
  const latest = releases.slice(-keptReleases).map(({ number }) => number);
  return new Set([...latest, ...(current === undefined ? [] : [current]), ...(before ? [before.number] : [])]);
}
