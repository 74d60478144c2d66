import { declaredSchedules } from "../blocks/schedule/declared-schedule.ts";
import { routeAddress } from "../model/contract.ts";
import { TrellisError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { platformContracts } from "./platform-contracts.ts";

/** What `plan` itself cannot see, since it takes more than words. Throws `invalid-app`, as opening the plan does. */
export function checkPlan({ services }: Plan): void {
  declaredSchedules(services);
  const own = new Set(platformContracts.flatMap(({ routes }) => Object.values(routes).map(routeAddress)));
  for (const { contract } of services) {
    if (platformContracts.some(({ name }) => name === contract.name))
      throw new TrellisError("invalid-app", {
        says: `A service is named "${contract.name}", as the platform's own`,
        cure: "Give the contract another name.",
      });
    for (const [name, route] of Object.entries(contract.routes))
      if (own.has(routeAddress(route)))
        throw new TrellisError("invalid-app", {
          says: `${contract.name}.${name} answers ${routeAddress(route)}, as the platform itself does`,
          cure: "Give the route another path: /v1/operations and /v1/session are the platform's.",
        });
  }
}
