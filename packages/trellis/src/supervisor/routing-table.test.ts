import { expect, test } from "vitest";
import { checkTable } from "../gateway/routing/check-table.ts";
import { type RoutedInstance, routingTable } from "./routing-table.ts";
import type { ReleaseShape } from "./state.ts";

const group = { works: true, answers: true, instances: 2 } as const;
const shape: ReleaseShape = {
  services: ["links", "social", "reports"],
  home: "links",
  groups: [
    { ...group, name: "web", role: "web", services: ["links", "social"] },
    { ...group, name: "worker", role: "worker", services: ["links", "social"], answers: false },
    { ...group, name: "reports", role: "worker", services: ["reports"] },
  ],
};

const instance = (id: string, pool = "web", more: Partial<RoutedInstance> = {}): RoutedInstance => ({
  id,
  pool,
  release: 3,
  framesSocket: `/run/${id}`,
  draining: false,
  ...more,
});

const tableOf = (...instances: readonly RoutedInstance[]) => routingTable({ version: 7, shape, instances, paused: [] });

test("each service answers at its own host, and the app's home at every other", () => {
  expect(tableOf().hosts).toEqual([
    { host: "links.localhost", service: "links" },
    { host: "social.localhost", service: "social" },
    { host: "reports.localhost", service: "reports" },
    { host: "*", service: "links" },
  ]);
});

test("services that share instances share a pool, one that is split out has its own, and workers have none", () => {
  const { services, pools } = tableOf(instance("web-1@3.1"), instance("reports-1@3.2", "reports"));
  expect(services.map(({ name, pool }) => [name, pool])).toEqual([
    ["links", "web"],
    ["social", "web"],
    ["reports", "reports"],
  ]);
  expect(pools.map(({ name, upstreams }) => [name, upstreams.map(({ id }) => id)])).toEqual([
    ["web", ["web-1@3.1"]],
    ["reports", ["reports-1@3.2"]],
  ]);
});

test("instances that drain, pauses and canaries are told", () => {
  const paused = [{ service: "social", holdMs: 5_000 }];
  const canary = { release: 4, share: 0.1 };
  const instances = [instance("web-1@3.1", "web", { draining: true }), instance("web-1@4.2", "web", { release: 4 })];
  const table = routingTable({ version: 8, shape, instances, paused, canary });
  expect(table.pools[0]?.upstreams).toEqual([
    { id: "web-1@3.1", release: 3, address: { frames: "/run/web-1@3.1" }, draining: true },
    { id: "web-1@4.2", release: 4, address: { frames: "/run/web-1@4.2" } },
  ]);
  expect(table.pools[0]?.canary).toEqual(canary);
  expect(table.services.map(({ holdMs }) => holdMs)).toEqual([undefined, 5_000, undefined]);
});

test("the gateway takes it, also while no instance is there", () => {
  expect(() => checkTable(tableOf())).not.toThrow();
  expect(() => checkTable(tableOf(instance("web-1@3.1")))).not.toThrow();
});
