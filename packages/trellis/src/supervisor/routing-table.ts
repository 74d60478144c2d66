import type { RoutingTable, ServiceRule, UpstreamRule } from "../gateway/port.ts";
import type { Pause, ReleaseShape } from "./state.ts";

/** An instance as requests reach it. */
export interface RoutedInstance {
  readonly id: string;
  readonly pool: string;
  readonly release: number;
  readonly framesSocket: string;
  /** It gets no new request. */
  readonly draining: boolean;
}

export interface TableFacts {
  readonly version: number;
  readonly shape: ReleaseShape;
  readonly instances: readonly RoutedInstance[];
  readonly paused: readonly Pause[];
  /** Pools that have no instance while there is nothing to do. */
  readonly mayRest?: readonly string[];
  readonly canary?: { readonly release: number; readonly share: number };
}

/** Longer than an instance takes to be started again after a crash: whoever asks meanwhile waits, and is answered. */
const wakeMs = 10_000;
/** On a machine that is busy with other things, the start of the first instance may take longer than after a crash. */
const wakeFromRestMs = 30_000;
/** Says whether an instance can do its work, its database included. */
const healthPath = "/readyz";

/** Where requests go: each service at its own host, the app's home at every other. */
export function routingTable({ version, shape, instances, paused, mayRest = [], canary }: TableFacts): RoutingTable {
  const pools = shape.groups.filter(({ answers }) => answers);
  return {
    version,
    hosts: [
      ...shape.services.map((service) => ({ host: `${service}.localhost`, service })),
      { host: "*", service: shape.home },
    ],
    services: pools.flatMap(({ name: pool, services }) => services.map((name) => serviceRule(name, pool, paused))),
    pools: pools.map(({ name }) => ({
      name,
      upstreams: instances.filter(({ pool }) => pool === name).map(upstream),
      healthPath,
      wakeMs: mayRest.includes(name) ? wakeFromRestMs : wakeMs,
      ...(canary ? { canary } : {}),
    })),
  };
}

function serviceRule(name: string, pool: string, paused: readonly Pause[]): ServiceRule {
  const pause = paused.find(({ service }) => service === name);
  return { name, pool, edge: true, ...(pause ? { holdMs: pause.holdMs } : {}) };
}

function upstream({ id, release, framesSocket, draining }: RoutedInstance): UpstreamRule {
  return { id, release, address: { frames: framesSocket }, ...(draining ? { draining } : {}) };
}
