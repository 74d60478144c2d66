import type { ReleaseRecord } from "../../supervisor/state.ts";
import { command, dataOption } from "../command.ts";
import { dataPath, existingDataFolder } from "../folder/data-folder.ts";
import { stateBefore } from "../running/start-app.ts";
import { table } from "../text/table.ts";

export const releases = command({
  name: "releases",
  about: "Lists the app's releases, newest first: where their code came from, what became of them, and why.",
  options: { data: dataOption },
  run: async ({ options }, world) => {
    const data = existingDataFolder(dataPath(options.data, world));
    const found = data ? stateBefore(data).releases.toReversed() : [];
    const text = found.length === 0 ? "There is no release yet." : table([head, ...found.map(rowOf)]);
    world.output.answer({ releases: found }, text);
    return 0;
  },
});

const head = ["RELEASE", "STATE", "MADE", "FROM", "BECAUSE"];

function rowOf({ number, state, at, from, because = "" }: ReleaseRecord): readonly (string | number)[] {
  return [number, state, new Date(at).toISOString().slice(0, 19).replace("T", " "), from, because];
}
