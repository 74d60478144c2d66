import type { RolloutState } from "../../policies/rollout/rollout.ts";
import type { RolloutRecord } from "../../supervisor/state.ts";
import { length } from "./length.ts";

/** How far a release is on its way, and what is waited for. */
export function rolloutText({ state, says = "", resumed = 0 }: RolloutRecord): string {
  const by = resumed === 0 ? "" : " Another supervisor goes on with it.";
  return `${progress(state)}. ${says}${by}`.trimEnd();
}

/** Time in which no supervisor was there counts for nothing, here as in the decisions. */
function progress({ plan, phase, batch, since, decidedAt }: RolloutState): string {
  const passed = length(Math.max(0, decidedAt - since));
  switch (phase) {
    case "canary-start":
      return "The canary is being started";
    case "canary":
      return `${percent(plan.canary?.share ?? 0)} of the requests for ${passed} of ${length(plan.canary?.forMs ?? 0)}`;
    case "rolling":
      return `${batch} of ${plan.instances} instances are started for ${passed}`;
    case "soaking":
      return `It serves alone for ${passed} of ${length(plan.soakMs)}`;
    case "returning":
      return `Release ${plan.replaces ?? 0} is being brought back for ${passed}`;
    case "done":
    case "abandoned":
    case "rolled-back":
      return "It is at its end";
  }
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10}%`;
}
