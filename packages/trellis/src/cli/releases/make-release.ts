import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Log } from "../../model/log.ts";
import type { Settings } from "../../model/settings.ts";
import type { ReleaseSource, ReleaseStep } from "../../supervisor/control-words.ts";
import type { NewRelease } from "../../supervisor/supervisor.ts";
import { openEngine } from "../database/open-engine.ts";
import type { DataFolder } from "../folder/data-folder.ts";
import { findConfig } from "../load-app.ts";
import type { World } from "../world.ts";
import { checkMigrations } from "./check-migrations.ts";
import { copyRelease } from "./copy-release.ts";
import { describeRelease, type ReleaseFacts } from "./describe-release.ts";

export interface ReleaseToMake {
  readonly number: number;
  readonly source: ReleaseSource;
  readonly data: DataFolder;
  readonly databaseUrl: string;
  readonly settings: Settings;
  readonly log: Log;
}

/**
 * Copies the code of a release, has it say what it is, and runs its migrations, which the release that serves can live
 * with. Throws with nothing left of the copy.
 */
export async function makeRelease(
  release: ReleaseToMake,
  step: (step: ReleaseStep) => void,
  world: World,
): Promise<Omit<NewRelease, "from">> {
  const { number, source, data } = release;
  const tell = (name: string, says: string) => step({ event: "release", release: number, step: name, says });
  const folder = dirname(findConfig(source.folder));
  const to = join(data.releases, String(number));
  // What is wrong with it is told before anything is copied. A commit can only be asked when it is there.
  const also = source.ref === undefined ? (await describeRelease(findConfig(folder))).pages : [];
  const config = await copyRelease({ source: { ...source, folder }, to, also });
  tell("copied", `Copied to ${to}.`);
  try {
    const facts = await describeRelease(config);
    const ran = await migrate(release, facts, world);
    tell("checked", ran === 0 ? "Its plan is valid." : `Its plan is valid; ${ran} migrations ran.`);
    return { number, config, copied: true, shape: facts.shape };
  } catch (error) {
    await rm(to, { recursive: true, force: true });
    throw error;
  }
}

/** Runs what has not run yet, if the release that serves can live with it. Returns how many. */
async function migrate(
  { databaseUrl, settings, log }: ReleaseToMake,
  { migrations }: ReleaseFacts,
  world: World,
): Promise<number> {
  const engine = openEngine(databaseUrl, settings, log, world);
  try {
    for (const each of migrations) await checkMigrations(engine, each);
    let ran = 0;
    for (const each of migrations) ran += (await engine.migrate(each)).length;
    return ran;
  } finally {
    await engine.close();
  }
}
