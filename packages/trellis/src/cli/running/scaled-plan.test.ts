import { expect, test } from "vitest";
import { app } from "../../model/app.ts";
import { block } from "../../model/block.ts";
import { contract } from "../../model/contract.ts";
import { plan } from "../../model/plan.ts";
import { service } from "../../model/service.ts";
import { scaledPlan } from "./scaled-plan.ts";

const database = block({
  kind: "database",
  needs: ["database"],
  limits: [],
  open: () => {
    throw new Error("A plan opens nothing");
  },
});
const named = (name: string) => service(contract(name, {}), { uses: { db: database }, routes: {} });
const shop = app({
  services: [named("shop"), named("reports")],
  instances: { web: 2, worker: 1 },
  split: { reports: { role: "worker", instances: 1 } },
});

test("without a range by hand the plan is as the app and the environment say", () => {
  expect(scaledPlan(shop, { TRELLIS_WEB: "3" }, {})).toEqual(plan(shop, { TRELLIS_WEB: "3" }));
});

test("a range by hand stands above both, and leaves all instances together within the connections that there are", () => {
  const environment = { TRELLIS_WEB: "3", TRELLIS_DATABASE_CONNECTIONS: "200" };
  const made = scaledPlan(shop, environment, { web: { min: 2, max: 8 }, reports: { min: 0, max: 4 } });
  expect(made.groups.map(({ name, instances, scale }) => [name, instances, scale?.max])).toEqual([
    ["web", 2, 8],
    ["worker", 1, undefined],
    ["reports", 1, 4],
  ]);
  const { poolMax, pipelines } = made.database;
  expect((8 + 1 + 4) * (poolMax + pipelines + 4)).toBeLessThanOrEqual(200);
  expect(poolMax).toBeLessThan(plan(shop, environment).database.poolMax);
});

test("a range that leaves an instance too few connections is refused, with how many it wants", () => {
  expect(() => scaledPlan(shop, {}, { web: { min: 1, max: 100 } })).toThrow(
    expect.objectContaining({ code: "invalid-setting", cure: expect.stringContaining("TRELLIS_DATABASE_CONNECTIONS") }),
  );
});
