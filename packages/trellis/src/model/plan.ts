import type { App } from "./app.ts";
import { checkEdgeEvents } from "./check-edge-events.ts";
import { checkPageAddresses } from "./check-page-addresses.ts";
import { routeAddress } from "./contract.ts";
import { TrellisError } from "./errors.ts";
import { answeringGroup, countText, type Group, groupsOf } from "./group.ts";
import type { Limit } from "./limit.ts";
import type { Role } from "./role.ts";
import { permissionOf } from "./route.ts";
import type { Service } from "./service.ts";
import { type Environment, readSettings, type Settings } from "./settings.ts";

export type { Role } from "./role.ts";

/** 1 one machine · 2 separate database · 3 load balanced · 4 full distribution. */
export type Stage = 1 | 2 | 3 | 4;

/** What is derived from the app and the environment, before anything is opened. */
export interface Plan {
  readonly stage: Stage;
  /** Why it is this stage, and what the environment says that has no effect. */
  readonly because: readonly string[];
  readonly services: readonly Service[];
  readonly routes: readonly PlannedRoute[];
  readonly engines: readonly EngineChoice[];
  /** Of the shared groups, at the start. */
  readonly instances: Readonly<Record<Role, number>>;
  /** Which instances there are, and what each hosts. */
  readonly groups: readonly Group[];
  readonly calls: readonly PlannedCall[];
  readonly database: DatabasePlan;
  readonly limits: readonly Limit[];
  readonly settings: Settings;
}

export interface PlannedRoute {
  readonly service: string;
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly allow: string;
}

export interface EngineChoice {
  readonly block: string;
  readonly engine: string;
  readonly because: string;
}

/** One service's use of another: in process, unless the other answers at `url` or in the instances of another `group`. */
export interface PlannedCall {
  readonly from: string;
  readonly to: string;
  readonly url?: string;
  readonly group?: string;
}

/** How the connections of the database are shared out, per service and instance. */
export interface DatabasePlan {
  readonly url?: string;
  /** For transactions and writes. */
  readonly poolMax: number;
  /** For point reads, many at a time on each. */
  readonly pipelines: number;
}

/** What each instance holds besides its services' pools: three for the platform's own statements, one that listens. */
export const platformConnections = 4;
const engineNames = new Set(["database", "bus", "wakes", "departures", "spool", "stream", "queue", "edge", "calls"]);
const notYet = [
  "REDIS_URL",
  "DATABASE_REPLICA_URLS",
  "KAFKA_URL",
  "SEARCH_URL",
  "FILES_URL",
  "SMTP_URL",
  "OIDC_ISSUER",
];

/** Pure: the same app and environment give the same plan. Throws `invalid-app`, `no-engine` or `invalid-setting`. */
export function plan(app: App, environment: Environment): Plan {
  const settings = readSettings(environment, {
    webInstances: countText(app.instances?.web ?? 2),
    workerInstances: countText(app.instances?.worker ?? 1),
  });
  refuseWhatCannotRun(app.services);
  refuseSharedAddresses(app.services);
  checkPageAddresses(app.services);
  checkEdgeEvents(app.services);
  const groups = groupsOf(
    app.services.map(({ contract }) => contract.name),
    { web: settings.webInstances, worker: settings.workerInstances },
    app.split ?? {},
  );
  const instances = { web: startingIn(groups, "web"), worker: startingIn(groups, "worker") };
  const database = databasePlan(app.services, groups, settings);
  const networked = database.url !== undefined;
  const unused = notYet.filter((variable) => environment[variable]?.trim());
  return {
    stage: networked ? 2 : 1,
    because: [
      networked
        ? "DATABASE_URL is set: the database is a separate server"
        : "DATABASE_URL is unset: all on one machine",
      ...unused.map((variable) => `${variable} is set but has no effect: this version has no engine for it`),
    ],
    services: app.services,
    routes: app.services.flatMap(plannedRoutes),
    engines: engineChoices(networked),
    instances,
    groups,
    calls: plannedCalls(app.services, groups, environment),
    database,
    limits: [...settingLimits(settings, database), ...blockLimits(app.services)],
    settings,
  };
}

function refuseWhatCannotRun(services: readonly Service[]): void {
  for (const { contract, uses } of services) {
    for (const [name, block] of Object.entries(uses)) {
      const missing = block.needs.find((engine) => !engineNames.has(engine));
      if (missing !== undefined)
        throw new TrellisError("no-engine", { says: `${contract.name}.${name} needs the engine "${missing}"` });
    }
  }
}

function refuseSharedAddresses(services: readonly Service[]): void {
  const owners = new Map<string, string>();
  for (const { contract } of services)
    for (const [name, route] of Object.entries(contract.routes)) {
      const owner = owners.get(routeAddress(route));
      if (owner !== undefined)
        throw new TrellisError("invalid-app", {
          says: `${owner} and ${contract.name}.${name} answer the same address, ${routeAddress(route)}`,
          cure: "Give one of them another path.",
        });
      owners.set(routeAddress(route), `${contract.name}.${name}`);
    }
}

function plannedRoutes({ contract }: Service): readonly PlannedRoute[] {
  return Object.entries(contract.routes).map(([name, route]) => ({
    service: contract.name,
    name,
    method: route.method,
    path: route.path,
    allow: permissionOf(route).says,
  }));
}

function plannedCalls(
  services: readonly Service[],
  groups: readonly Group[],
  environment: Environment,
): readonly PlannedCall[] {
  return services.flatMap(({ contract, uses }) =>
    Object.entries(uses).flatMap(([name, { calls: to }]): readonly PlannedCall[] => {
      if (to === undefined) return [];
      const variable = addressVariable(to);
      const url = environment[variable]?.trim();
      const group = answeringGroup(groups, to);
      if (!url && !group)
        throw new TrellisError("invalid-app", {
          says: `${contract.name}.${name} calls "${to}", which this app does not have`,
          cure: `Add the service to trellis.config.ts, or set ${variable} to where it answers.`,
        });
      if (url) return [{ from: contract.name, to, url }];
      const isElsewhere = group !== answeringGroup(groups, contract.name);
      return [{ from: contract.name, to, ...(group && isElsewhere ? { group: group.name } : {}) }];
    }),
  );
}

function startingIn(groups: readonly Group[], name: Role): number {
  return groups.find((group) => group.name === name)?.instances ?? 0;
}

/** So many may run at once. */
function mostOf({ instances, scale }: Group): number {
  return scale?.max ?? instances;
}

function databasePlan(services: readonly Service[], groups: readonly Group[], settings: Settings): DatabasePlan {
  const users = new Set(
    services
      .filter(({ uses }) => Object.values(uses).some(({ needs }) => needs.includes("database")))
      .map(({ contract }) => contract.name),
  );
  const processes = groups.reduce((sum, group) => sum + mostOf(group), 0);
  const places = groups.reduce(
    (sum, group) => sum + mostOf(group) * Math.max(1, group.services.filter((name) => users.has(name)).length),
    0,
  );
  const share = Math.floor((settings.databaseConnectionsMax - processes * platformConnections) / places);
  if (share < 2)
    throw new TrellisError("invalid-setting", {
      says: `${settings.databaseConnectionsMax} connections are too few for ${users.size} services in ${processes} instances`,
      cure: `Set TRELLIS_DATABASE_CONNECTIONS to at least ${places * 2 + processes * platformConnections}, or run fewer instances.`,
    });
  const pipelines = share >= 4 ? 2 : 1;
  return {
    ...(settings.databaseUrl ? { url: settings.databaseUrl } : {}),
    poolMax: Math.min(16, share - pipelines),
    pipelines,
  };
}

function engineChoices(networked: boolean): readonly EngineChoice[] {
  const because = networked ? "DATABASE_URL is set" : "DATABASE_URL is unset";
  return [
    { block: "database", engine: networked ? "networked PostgreSQL" : "embedded PostgreSQL 18", because },
    {
      block: "cache",
      engine: "in process, invalidated through PostgreSQL",
      because: "two instances from the first day",
    },
    { block: "http", engine: "Fastify on node:http", because: "instances answer plain HTTP" },
  ];
}

function settingLimits(settings: Settings, database: DatabasePlan): readonly Limit[] {
  return [
    { name: "request body", value: settings.bodyBytesMax, unit: "bytes", set: "TRELLIS_BODY_MAX" },
    { name: "request head", value: settings.headersBytesMax, unit: "bytes", set: "TRELLIS_HEADERS_MAX" },
    { name: "connections of callers", value: settings.connectionsMax, unit: "connections", set: "TRELLIS_CONNECTIONS" },
    { name: "request", value: settings.requestTimeoutMs, unit: "ms", set: "TRELLIS_REQUEST_TIMEOUT" },
    { name: "start", value: settings.startTimeoutMs, unit: "ms", set: "TRELLIS_START_TIMEOUT" },
    { name: "drain", value: settings.drainTimeoutMs, unit: "ms", set: "TRELLIS_DRAIN_TIMEOUT" },
    { name: "spool of an instance", value: settings.spoolBytesMax, unit: "bytes", set: "TRELLIS_SPOOL_MAX" },
    { name: "statement", value: settings.statementTimeoutMs, unit: "ms", set: "TRELLIS_STATEMENT_TIMEOUT" },
    {
      name: "database connections, all instances",
      value: settings.databaseConnectionsMax,
      unit: "connections",
      set: "TRELLIS_DATABASE_CONNECTIONS",
    },
    {
      name: "pool of a service in an instance",
      value: database.poolMax,
      unit: "connections",
      set: "shared out from TRELLIS_DATABASE_CONNECTIONS",
    },
    {
      name: "pipelined connections of a service in an instance",
      value: database.pipelines,
      unit: "connections",
      set: "shared out from TRELLIS_DATABASE_CONNECTIONS",
    },
  ];
}

function blockLimits(services: readonly Service[]): readonly Limit[] {
  return services.flatMap(({ contract, uses }) =>
    Object.entries(uses).flatMap(([name, block]) =>
      block.limits.map((limit) => ({ ...limit, name: `${contract.name}.${name}: ${limit.name}` })),
    ),
  );
}

/** The setting that says where a service answers that does not run here. */
export function addressVariable(service: string): string {
  return `TRELLIS_URL_${service.toUpperCase().replaceAll("-", "_")}`;
}
