import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { milliseconds } from "../../model/duration.ts";
import { TrellisError } from "../../model/errors.ts";
import type { CanaryWish, ReleaseSource } from "../../supervisor/control-words.ts";
import type { ReleaseRecord } from "../../supervisor/state.ts";
import { command, dataOption } from "../command.ts";
import { askSupervisor } from "../running/ask-supervisor.ts";
import { stepText } from "../text/start-text.ts";

/** How long a canary is watched unless said otherwise. */
const canaryFor = "5m";

export const deploy = command({
  name: "deploy",
  about: [
    "Makes a numbered release of the code in a folder, or in a commit of its repository, and puts it in the place of the",
    "one that runs, with no request lost: it is copied, loaded, its migrations are checked and run, its instances are",
    "started; they serve when all are ready. Where something goes wrong the release before goes on, and the exit code",
    "is not 0. With --canary the release gets a share of the requests first, and is judged by what becomes of them.",
  ].join("\n"),
  args: [{ name: "FOLDER|REF", says: "a folder (this one), or a branch, tag or commit", optional: true }],
  options: {
    build: { value: "CMD", says: "run in the release's folder before it is checked, such as npm run build:pages" },
    canary: { value: "10%", says: "the share of requests that it gets at first" },
    for: { value: "5m", says: `how long it gets that share (${canaryFor})` },
    data: dataOption,
  },
  run: async ({ options, args: [place] }, world) => {
    const source = sourceOf(place, world.folder);
    const canary = canaryOf(options.canary, options.for);
    const build = options.build === undefined ? {} : { build: options.build };
    const request = { ask: "deploy", source, ...build, ...(canary ? { canary } : {}) } as const;
    const made = await askSupervisor(options.data, request, world, (step) => world.output.answer(step, stepText(step)));
    const { number } = made as ReleaseRecord;
    world.output.answer({ event: "deployed", release: made }, `Release ${number} serves.`);
    return 0;
  },
});

function sourceOf(place: string | undefined, here: string): ReleaseSource {
  if (place === undefined) return { folder: here };
  const folder = resolve(here, place);
  return existsSync(folder) ? { folder } : { folder: here, ref: place };
}

function canaryOf(share: string | undefined, duration: string | undefined): CanaryWish | undefined {
  if (share === undefined && duration === undefined) return undefined;
  const percent = Number(/^(\d+(?:\.\d+)?)%$/.exec(share ?? "")?.[1]);
  if (percent > 0 && percent < 100)
    return { share: percent / 100, forMs: milliseconds(duration ?? canaryFor, "--for") };
  throw new TrellisError("usage", {
    says: share === undefined ? "--for needs --canary" : `--canary is "${share}"`,
    cure: "Give --canary a share of the requests between 0% and 100%, such as 10%.",
  });
}
