import type { App } from "../../model/app.ts";
import { countText, type InstanceRange } from "../../model/group.ts";
import { type Plan, plan } from "../../model/plan.ts";
import type { Environment } from "../../model/settings.ts";

/**
 * The plan of an app whose groups someone has given other ranges by hand: connections to the database are shared out for as
 * many instances as these allow.
 */
export function scaledPlan(app: App, environment: Environment, ranges: Readonly<Record<string, InstanceRange>>): Plan {
  const { web, worker } = ranges;
  const split = Object.entries(app.split ?? {}).map(
    ([name, one]) => [name, ranges[name] ? { ...one, instances: ranges[name] } : one] as const,
  );
  return plan(
    { ...app, split: Object.fromEntries(split) },
    {
      ...environment,
      ...(web ? { TRELLIS_WEB: countText(web) } : {}),
      ...(worker ? { TRELLIS_WORKERS: countText(worker) } : {}),
    },
  );
}
