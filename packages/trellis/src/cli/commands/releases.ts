import { noState, type ReleaseRecord, type RolloutRecord } from "../../supervisor/state.ts";
import { command, dataOption } from "../command.ts";
import { dataPath, existingDataFolder } from "../folder/data-folder.ts";
import { stateBefore } from "../running/start-app.ts";
import { rolloutText } from "../text/rollout-text.ts";
import { table } from "../text/table.ts";

export const releases = command({
  name: "releases",
  about:
    "Lists the app's releases, newest first: where their code came from, what became of them, and why; of one that is on\nits way, how far it is.",
  options: { data: dataOption },
  run: async ({ options }, world) => {
    const data = existingDataFolder(dataPath(options.data, world));
    const { releases: known, rollout } = data ? stateBefore(data) : noState;
    const found = known.toReversed().map((release) => withProgress(release, rollout));
    const text = found.length === 0 ? "There is no release yet." : table([head, ...found.map(rowOf)]);
    world.output.answer({ releases: found }, text);
    return 0;
  },
});

const head = ["RELEASE", "STATE", "MADE", "FROM", "BECAUSE"];

/** What is written of a release, and how far it is where it is on its way. */
interface ListedRelease extends ReleaseRecord {
  readonly progress?: string;
}

function withProgress(release: ReleaseRecord, rollout: RolloutRecord | undefined): ListedRelease {
  return rollout?.state.plan.release === release.number ? { ...release, progress: rolloutText(rollout) } : release;
}

function rowOf({ number, state, at, from, because = "", progress }: ListedRelease): readonly (string | number)[] {
  return [number, state, new Date(at).toISOString().slice(0, 19).replace("T", " "), from, progress ?? because];
}
