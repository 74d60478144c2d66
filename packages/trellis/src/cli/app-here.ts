import type { App } from "../model/app.ts";
import { type Plan, plan } from "../model/plan.ts";
import { checkPlan } from "../runtime/check-plan.ts";
import { findConfig, loadApp } from "./load-app.ts";
import type { World } from "./world.ts";

/** The app in whose folder a command was given. */
export interface AppHere {
  /** Its `trellis.config.ts`. */
  readonly config: string;
  readonly app: App;
  readonly plan: Plan;
}

/** Throws `no-config`, `broken-config`, or what is wrong with the app or a setting. */
export async function appHere({ folder, environment }: World): Promise<AppHere> {
  const config = findConfig(folder);
  const app = await loadApp(config);
  const derived = plan(app, environment);
  checkPlan(derived);
  return { config, app, plan: derived };
}
