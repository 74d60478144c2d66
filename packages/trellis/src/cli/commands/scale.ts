import { TrellisError } from "../../model/errors.ts";
import type { ScalingReport } from "../../supervisor/control-words.ts";
import type { Scale } from "../../supervisor/state.ts";
import { command, dataOption } from "../command.ts";
import { askSupervisor } from "../running/ask-supervisor.ts";
import { scalingText } from "../text/scaling-text.ts";

/** More instances than this on one machine are a slip of the finger. */
const instancesMax = 256;

export const scale = command({
  name: "scale",
  about: [
    "Changes between how many instances a service's pool, or a role, may have; kept until it is changed again. New ones",
    "are started and serve when they are ready; surplus ones finish what they have. 0..3: none while there is nothing to do.",
    "Without a service it lists how many there are, and what was decided on that and why.",
  ].join("\n"),
  args: [{ name: "SERVICE=MIN..MAX", says: "such as links=2..8, web=3, worker=2", many: true, optional: true }],
  options: { data: dataOption },
  run: async ({ options, args }, world) => {
    if (args.length === 0) {
      const report = (await askSupervisor(options.data, { ask: "scaling" }, world)) as ScalingReport;
      world.output.answer(report, scalingText(report));
    }
    for (const [service, wanted] of args.map(readScale)) {
      await askSupervisor(options.data, { ask: "scale", service, scale: wanted }, world);
      const says = wanted.min === wanted.max ? String(wanted.min) : `${wanted.min} to ${wanted.max}`;
      world.output.answer({ event: "scaled", service, ...wanted }, `${service}: ${says} instances.`);
    }
    return 0;
  },
});

function readScale(word: string): readonly [string, Scale] {
  const [, service = "", least = "", most = least] = /^([a-z][a-z0-9-]*)=(\d+)(?:\.\.(\d+))?$/.exec(word) ?? [];
  const [min, max] = [Number(least), Number(most)];
  if (service !== "" && max >= 1 && min <= max && max <= instancesMax) return [service, { min, max }];
  throw new TrellisError("usage", {
    says: `"${word}" is no scale`,
    cure: `Write SERVICE=MIN..MAX or SERVICE=N, with 1 to ${instancesMax} instances, such as links=2..8.`,
  });
}
