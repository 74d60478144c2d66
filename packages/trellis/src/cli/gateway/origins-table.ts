import type { RateLimitRule, RoutingTable, UpstreamRule } from "../../gateway/port.ts";
import { checkTable } from "../../gateway/routing/check-table.ts";
import type { BalancerName } from "../../policies/balancing/balancer.ts";
import { hostOf } from "./routing-file.ts";

export interface Origins {
  readonly to: readonly string[];
  readonly backups: readonly string[];
  readonly balance: BalancerName | undefined;
  readonly healthPath: string | undefined;
  readonly rateLimit: RateLimitRule | undefined;
  readonly edge: boolean;
}

/** Every host is answered by these origins. Throws `invalid-routing`. */
export function originsTable({ to, backups, balance, healthPath, rateLimit, edge }: Origins): RoutingTable {
  const upstreams: readonly UpstreamRule[] = [
    ...to.map((url) => ({ id: hostOf(url), address: { url } })),
    ...backups.map((url) => ({ id: hostOf(url), address: { url }, backup: true })),
  ];
  const table: RoutingTable = {
    version: 1,
    hosts: [{ host: "*", service: "origins" }],
    services: [
      {
        name: "origins",
        pool: "origins",
        edge,
        ...(balance === undefined ? {} : { balance }),
        ...(rateLimit === undefined ? {} : { rateLimits: [rateLimit] }),
      },
    ],
    pools: [{ name: "origins", upstreams, ...(healthPath === undefined ? {} : { healthPath }) }],
  };
  checkTable(table);
  return table;
}
