import { checkPages } from "../../blocks/http/pages/load-pages.ts";
import { gatewayLimits } from "../../gateway/gateway-limits.ts";
import { platformLimits } from "../../runtime/platform-limits.ts";
import { appHere } from "../app-here.ts";
import { command } from "../command.ts";
import { plannedSchedules } from "../planned-schedules.ts";
import { releaseLimits } from "../releases/prune-releases.ts";
import { logLimits } from "../running/log-files.ts";
import { scaleJournalLimits } from "../running/scale-journal-file.ts";
import { planFacts } from "../text/plan-facts.ts";
import { planText } from "../text/plan-text.ts";

export const plan = command({
  name: "plan",
  about: [
    "Shows what trellis.config.ts and the environment come to: the stage and why, services, routes, engines, schedules,",
    "instances, who calls whom, and every limit with the setting that changes it. Opens nothing.",
  ].join("\n"),
  options: {},
  run: async (_input, world) => {
    const { plan: derived } = await appHere(world);
    checkPages(derived.services);
    const made = {
      ...derived,
      limits: [
        ...derived.limits,
        ...platformLimits,
        ...gatewayLimits,
        ...logLimits,
        ...releaseLimits,
        ...scaleJournalLimits,
      ],
    };
    const schedules = plannedSchedules(derived.services, world.clock.now());
    world.output.answer(planFacts(made, schedules), planText(made, schedules));
    return 0;
  },
});
