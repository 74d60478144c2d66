import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { promisify } from "node:util";
import type { Migrations } from "../../blocks/database/port.ts";
import type { Group } from "../../model/group.ts";
import type { ReleaseShape } from "../../supervisor/state.ts";
import { entryFile } from "../entry-file.ts";
import { releaseEntry } from "./release-entry.ts";
import { releaseError } from "./release-error.ts";

/** What a release says of itself. */
export interface ReleaseFacts {
  readonly shape: ReleaseShape;
  readonly migrations: readonly Migrations[];
  /** The folders of its services' pages. */
  readonly pages: readonly string[];
}

/** As `trellis plan --json` prints it. */
interface PrintedPlan {
  readonly services: readonly { readonly name: string; readonly pagesFolder?: string }[];
  readonly groups: readonly Group[];
  readonly migrations: readonly Migrations[];
}

const run = promisify(execFile);
/** A plan of some hundred routes is some hundred kilobytes. */
const planBytesMax = 64 * 1_048_576;

/**
 * Loads the app in a process of its own, as its code is another than ours, and has it say what it is. Throws what is
 * wrong with it: `broken-config`, `invalid-app`, `no-pages` and so on.
 */
export async function describeRelease(config: string): Promise<ReleaseFacts> {
  const folder = dirname(config);
  const entry = releaseEntry(folder) ?? entryFile;
  const { stdout } = await run(process.execPath, [entry, "plan", "--json"], {
    cwd: folder,
    maxBuffer: planBytesMax,
  }).catch((cause: { readonly stdout?: string; readonly stderr?: string }) => {
    throw releaseError(cause.stdout ?? "", cause.stderr ?? "");
  });
  const { services, groups, migrations } = JSON.parse(stdout) as PrintedPlan;
  const home = services.find(({ pagesFolder }) => pagesFolder !== undefined) ?? services[0];
  return {
    shape: { services: services.map(({ name }) => name), home: home?.name ?? "", groups },
    migrations,
    pages: services.flatMap(({ pagesFolder }) => pagesFolder ?? []),
  };
}
