import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TrellisError } from "../../model/errors.ts";
import type { Log } from "../../model/log.ts";
import type { Settings } from "../../model/settings.ts";
import type { ReleaseSource, ReleaseStep } from "../../supervisor/control-words.ts";
import type { NewRelease } from "../../supervisor/rollouts.ts";
import { openEngine } from "../database/open-engine.ts";
import type { DataFolder } from "../folder/data-folder.ts";
import { findConfig } from "../load-app.ts";
import type { World } from "../world.ts";
import { buildRelease } from "./build-release.ts";
import { checkMigrations } from "./check-migrations.ts";
import { copyRelease } from "./copy-release.ts";
import { describeRelease, type ReleaseFacts } from "./describe-release.ts";

export interface ReleaseToMake {
  readonly number: number;
  readonly source: ReleaseSource;
  /** Makes what git does not know of; a commit's own scripts do unless said. */
  readonly build?: string;
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
  const config = await copyRelease({ source: { ...source, folder }, to, also: await builtPages(release, folder) });
  tell("copied", `Copied to ${to}.`);
  try {
    for (const build of builds(release, to, config))
      await buildRelease(build.command, build.folder, (line) => tell("build", line));
    const facts = await describeRelease(config).catch((error: unknown) => {
      throw curedByBuild(error, source);
    });
    const ran = await migrate(release, facts, world);
    tell("checked", ran === 0 ? "Its plan is valid." : `Its plan is valid; ${ran} migrations ran.`);
    return { number, config, copied: true, shape: facts.shape };
  } catch (error) {
    await rm(to, { recursive: true, force: true });
    throw error;
  }
}

/** The folders of built pages that the copy is to have, too. */
async function builtPages({ source, build }: ReleaseToMake, folder: string): Promise<readonly string[]> {
  // A commit can only be asked when it is there.
  if (source.ref !== undefined) return [];
  // What is wrong with it is told before anything is copied, unless the build may mend it.
  const described = describeRelease(findConfig(folder)).then(({ pages }) => pages);
  return described.catch((error: unknown) => {
    if (build === undefined) throw curedByBuild(error, source);
    return [];
  });
}

function builds({ source, build }: ReleaseToMake, root: string, config: string) {
  if (build !== undefined) return [{ command: build, folder: dirname(config) }];
  if (source.ref === undefined || !existsSync(join(root, "package.json"))) return [];
  return ["build", "build:pages"].map((script) => ({ command: `npm run ${script} --if-present`, folder: root }));
}

/** Pages that are not there can be built with the release. */
function curedByBuild(error: unknown, { ref }: ReleaseSource): unknown {
  if (!(error instanceof TrellisError) || error.code !== "no-pages") return error;
  const words = ref === undefined ? "" : `${ref} `;
  const cure = `Have them built in the release: \`trellis deploy ${words}--build "npm run build:pages"\`.`;
  return new TrellisError("no-pages", { says: error.message, cure });
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
