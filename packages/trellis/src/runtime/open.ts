import { busMigrations, openNotifyBus } from "../blocks/database/notify-bus.ts";
import { openDatabaseEngine } from "../blocks/database/open-database-engine.ts";
import { type DatabaseEngine, databaseEngine } from "../blocks/database/port.ts";
import { onceMigrations, openOnce } from "../blocks/http/once.ts";
import { openApiDocument } from "../blocks/http/openapi.ts";
import { callsEngine } from "../blocks/http/port.ts";
import { type Http, openHttp } from "../blocks/http/server.ts";
import { type ApiKeys, keyMigrations, openApiKeys } from "../blocks/identity/api-keys.ts";
import { busEngine } from "../model/bus.ts";
import type { Clock, Random } from "../model/clock.ts";
import type { Log } from "../model/log.ts";
import type { Plan, Role } from "../model/plan.ts";
import { openCalls } from "./calls-engine.ts";
import { Closing } from "./closing.ts";
import { type OpenBlock, openService } from "./open-services.ts";
import { systemClock, systemRandom } from "./system-clock.ts";

export interface OpenOptions {
  /** A worker has everything open but answers no routes: only whether it is alive and ready. */
  readonly role: Role;
  /** The PostgreSQL server: the plan's, or the embedded one that was started for it. */
  readonly databaseUrl: string;
  /** Shared by all instances: signs who is asking when one instance calls another. */
  readonly secret: string;
  readonly log: Log;
  /** The services that run here: all of the app unless said otherwise. */
  readonly hosted?: readonly string[];
  readonly clock?: Clock;
  readonly random?: Random;
}

/** A plan with everything open: engines, blocks, handlers and HTTP, but no port yet. */
export interface OpenPlan {
  readonly http: Http;
  readonly keys: ApiKeys;
  readonly database: DatabaseEngine;
  /** Figures of every block, by `SERVICE.NAME`. */
  stats(): Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Lets go of everything, in the reverse order of opening. */
  close(): Promise<void>;
}

/** Opens engines, then blocks, then HTTP. Whatever fails, what was opened before is closed. */
export async function open(plan: Plan, options: OpenOptions): Promise<OpenPlan> {
  const closing = new Closing();
  try {
    return await openAll(plan, options, closing);
  } catch (error) {
    await closing.run();
    throw error;
  }
}

async function openAll(plan: Plan, options: OpenOptions, closing: Closing): Promise<OpenPlan> {
  const { settings } = plan;
  const { log, secret, clock = systemClock, random = systemRandom } = options;
  const parts = { mode: settings.mode, clock, random, log };
  const database = openDatabaseEngine({
    ...parts,
    url: options.databaseUrl,
    poolMax: plan.database.poolMax,
    pipelines: plan.database.pipelines,
    statementTimeoutMs: settings.statementTimeoutMs,
  });
  closing.add(() => database.close());
  for (const migrations of platformMigrations) await database.migrate(migrations);

  const bus = await openNotifyBus({ ...parts, database, url: options.databaseUrl });
  closing.add(() => bus.close());
  const keys = openApiKeys({ sql: database.platform, bus, clock });
  closing.add(async () => keys.close());

  const hosted = plan.services.filter(({ contract }) => options.hosted?.includes(contract.name) ?? true);
  let http: Http | undefined;
  const calls = openCalls({
    plan,
    hosted: new Set(hosted.map(({ contract }) => contract.name)),
    secret,
    dispatch: async (call) => {
      if (!http) throw new TypeError("A call before the instance was open");
      return http.dispatch(call);
    },
  });
  const blocks: OpenBlock[] = [];
  const engines = new Map<string, unknown>([
    [databaseEngine, database],
    [busEngine, bus],
    [callsEngine, calls],
  ]);
  const onOpen = (block: OpenBlock): void => {
    blocks.push(block);
    closing.add(async () => block.opened.close?.());
  };
  const services = [];
  for (const service of hosted) services.push(await openService(service, { ...parts, engines, onOpen }));

  const document = openApiDocument(
    hosted.map(({ contract }) => ({ contract })),
    { title: hosted.map(({ contract }) => contract.name).join(", "), version: "1" },
  );
  http = openHttp({
    ...parts,
    settings,
    secret,
    services: options.role === "web" ? services : [],
    authenticate: (headers) => keys.actor(headers.authorization),
    idempotency: openOnce({ sql: database.platform, clock, log, claimMs: settings.requestTimeoutMs }),
    pages: [{ path: "/openapi.json", contentType: "application/json", body: () => JSON.stringify(document) }],
    health: () => healthOf(database, blocks),
  });
  closing.add(() => opened.http.close());
  const opened: OpenPlan = {
    http,
    keys,
    database,
    stats: () => Object.fromEntries(blocks.map(({ name, opened: { stats } }) => [name, stats?.() ?? {}])),
    close: () => closing.run(),
  };
  return opened;
}

const platformMigrations = [busMigrations, keyMigrations, onceMigrations];

/** Which part cannot do its work, by name; empty when all can. */
async function healthOf(database: DatabaseEngine, blocks: readonly OpenBlock[]): Promise<readonly string[]> {
  const checks = [
    { name: "database", check: () => database.healthy() },
    ...blocks.map(({ name, opened }) => ({ name, check: async () => opened.healthy?.() })),
  ];
  const outcomes = await Promise.allSettled(checks.map(({ check }) => check()));
  return checks.flatMap(({ name }, index) => (outcomes[index]?.status === "rejected" ? [name] : []));
}
