import { openNotifyBus } from "../blocks/database/bus/notify-bus.ts";
import { Listener } from "../blocks/database/listening/listener.ts";
import { openDatabaseEngine } from "../blocks/database/open-database-engine.ts";
import { type DatabaseEngine, databaseEngine } from "../blocks/database/port.ts";
import { openNotifyWakes } from "../blocks/database/wakes/notify-wakes.ts";
import { type OpenEdgeEngine, openEdgeEngine } from "../blocks/edge/open-edge-engine.ts";
import { edgeEngine } from "../blocks/edge/port.ts";
import { type ApiKeys, openApiKeys } from "../blocks/identity/api-keys.ts";
import { type QueueEngine, queueEngine } from "../blocks/queue/port.ts";
import { openQueueEngine } from "../blocks/queue/postgres/open-queue-engine.ts";
import { type SpoolEngine, type StreamEngine, spoolEngine, streamEngine } from "../blocks/stream/port.ts";
import { openStreamEngine } from "../blocks/stream/postgres/open-stream-engine.ts";
import { openSpoolEngine } from "../blocks/stream/spool/open-spool-engine.ts";
import { busEngine } from "../model/bus.ts";
import { type Departures, departuresEngine } from "../model/departures.ts";
import type { Plan } from "../model/plan.ts";
import type { Purge } from "../model/purge.ts";
import { wakesEngine } from "../model/wakes.ts";
import type { Closing } from "./closing.ts";
import type { Common } from "./open-services.ts";
import { platformMigrations } from "./platform-migrations.ts";
import { systemStopwatch } from "./system-clock.ts";
import { TurnDepartures } from "./turn-departures.ts";

/** What every service stands on, and what the runtime itself uses of it. */
export interface Platform {
  readonly database: DatabaseEngine;
  readonly departures: Departures;
  readonly keys: ApiKeys;
  readonly queues: QueueEngine;
  readonly streams: StreamEngine;
  readonly spools: SpoolEngine;
  readonly edge: OpenEdgeEngine;
  /** By the names under which blocks need them. */
  readonly engines: Map<string, unknown>;
}

interface PlatformOptions {
  readonly databaseUrl: string;
  readonly onPurge?: (purge: Purge) => void;
}

/** Opens the database with the platform's own tables, then each engine after those that it needs. */
export async function openPlatform(
  plan: Plan,
  { databaseUrl: url, onPurge }: PlatformOptions,
  common: Common,
  closing: Closing,
): Promise<Platform> {
  const database = await openDatabase(plan, url, common, closing);
  const departures = new TurnDepartures();
  const listener = new Listener({ ...common, database, url });
  closing.add(() => listener.close());
  const bus = await openNotifyBus({ ...common, database, listener });
  closing.add(async () => bus.close());
  const edge = openEdgeEngine({ bus, ...(onPurge ? { onPurge } : {}) });
  closing.add(async () => edge.close());
  const wakes = openNotifyWakes({ ...common, listener });
  closing.add(async () => wakes.close());
  const keys = openApiKeys({ sql: database.platform, bus, clock: common.clock });
  closing.add(async () => keys.close());
  const streams = openStreamEngine({ ...common, database, wakes });
  closing.add(() => streams.close());
  const spools = openSpoolEngine({
    ...common,
    database,
    departures,
    wakes,
    bytesMax: plan.settings.spoolBytesMax,
  });
  // Everything that can still spool is closed before: what is left here goes into the streams.
  closing.add(() => spools.close());
  const queues = openQueueEngine({ ...common, database, wakes, stopMs: plan.settings.drainTimeoutMs / 2 });
  closing.add(() => queues.close());
  const engines = new Map<string, unknown>([
    [databaseEngine, database],
    [busEngine, bus],
    [wakesEngine, wakes],
    [edgeEngine, edge],
    [departuresEngine, departures],
    [queueEngine, queues],
    [streamEngine, streams],
    [spoolEngine, spools],
  ]);
  return { database, departures, keys, queues, streams, spools, edge, engines };
}

async function openDatabase({ database, settings }: Plan, url: string, common: Common, closing: Closing) {
  const engine = openDatabaseEngine({
    ...common,
    stopwatch: systemStopwatch,
    url,
    poolMax: database.poolMax,
    pipelines: database.pipelines,
    statementTimeoutMs: settings.statementTimeoutMs,
  });
  closing.add(() => engine.close());
  for (const migrations of platformMigrations) await engine.migrate(migrations);
  return engine;
}
