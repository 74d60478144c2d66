import { Listener } from "../../blocks/database/listening/listener.ts";
import type { DatabaseEngine } from "../../blocks/database/port.ts";
import { openNotifyWakes } from "../../blocks/database/wakes/notify-wakes.ts";
import type { QueueEngine } from "../../blocks/queue/port.ts";
import { openQueueEngine } from "../../blocks/queue/postgres/open-queue-engine.ts";
import type { StreamEngine } from "../../blocks/stream/port.ts";
import { openStreamEngine } from "../../blocks/stream/postgres/open-stream-engine.ts";
import type { Log } from "../../model/log.ts";
import { noMetrics } from "../../model/metrics.ts";
import { readSettings } from "../../model/settings.ts";
import { noTracing } from "../../model/tracing.ts";
import { platformMigrations } from "../../runtime/platform-migrations.ts";
import { dataPath } from "../folder/data-folder.ts";
import type { World } from "../world.ts";
import { useDatabase } from "./use-database.ts";

export interface OperationsUse {
  readonly database: DatabaseEngine;
  readonly queues: QueueEngine;
  readonly streams: StreamEngine;
  readonly log: Log;
}

/** Lets a command look at jobs and events, whether the app runs or not. The app's own code is not needed. */
export function useOperations<T>(
  data: string | undefined,
  world: World,
  run: (use: OperationsUse) => Promise<T>,
): Promise<T> {
  const { clock, random, environment } = world;
  const place = { settings: readSettings(environment), dataPath: dataPath(data, world) };
  return useDatabase(place, world, async ({ url, engine: database, log }) => {
    for (const migrations of platformMigrations) await database.migrate(migrations);
    const parts = { database, log, clock, random, metrics: noMetrics, tracing: noTracing, instance: "command" };
    // Instances that run hear through it what there is to do.
    const listener = new Listener({ ...parts, url });
    const wakes = openNotifyWakes({ ...parts, listener });
    const queues = openQueueEngine({ ...parts, wakes });
    const streams = openStreamEngine({ ...parts, wakes });
    try {
      return await run({ database, queues, streams, log });
    } finally {
      await Promise.all([queues.close(), streams.close()]);
      wakes.close();
      await listener.close();
    }
  });
}
