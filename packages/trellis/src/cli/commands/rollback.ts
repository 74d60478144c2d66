import type { ReleaseRecord } from "../../supervisor/state.ts";
import { wholeNumber } from "../arguments/whole-number.ts";
import { command, dataOption } from "../command.ts";
import { askSupervisor } from "../running/ask-supervisor.ts";
import { stepText } from "../text/start-text.ts";

export const rollback = command({
  name: "rollback",
  about: [
    "Puts an earlier release in the place of the one that runs, with no request lost: the last one that served before,",
    "or the one of that number. The database stays as it is: migrations only ever add what older code can live with.",
  ].join("\n"),
  args: [{ name: "N", says: "the release, see trellis releases", optional: true }],
  options: { data: dataOption },
  run: async ({ options, args: [number] }, world) => {
    const to = number === undefined ? {} : { to: wholeNumber(number, "N", 1, Number.MAX_SAFE_INTEGER) };
    const release = (await askSupervisor(options.data, { ask: "rollback", ...to }, world, (step) =>
      world.output.answer(step, stepText(step)),
    )) as ReleaseRecord;
    world.output.answer({ event: "deployed", release }, `Release ${release.number} serves again.`);
    return 0;
  },
});
