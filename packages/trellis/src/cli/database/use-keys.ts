import { openNotifyBus } from "../../blocks/database/bus/notify-bus.ts";
import { Listener } from "../../blocks/database/listening/listener.ts";
import { type ApiKeys, openApiKeys } from "../../blocks/identity/api-keys.ts";
import { readSettings } from "../../model/settings.ts";
import { platformMigrations } from "../../runtime/platform-migrations.ts";
import { dataPath } from "../folder/data-folder.ts";
import type { World } from "../world.ts";
import { useDatabase } from "./use-database.ts";

/** Lets a command work on the keys, whether the app runs or not. The app's own code is not needed. */
export function useKeys<T>(data: string | undefined, world: World, run: (keys: ApiKeys) => Promise<T>): Promise<T> {
  const { clock, random, environment } = world;
  const settings = readSettings(environment);
  const place = { settings, dataPath: dataPath(data, world) };
  return useDatabase(place, world, async ({ url, engine, log }) => {
    for (const migrations of platformMigrations) await engine.migrate(migrations);
    // Instances that run learn of a revocation through it.
    const parts = { database: engine, log, clock, random };
    const listener = new Listener({ ...parts, url });
    const bus = await openNotifyBus({ ...parts, listener });
    try {
      return await run(openApiKeys({ sql: engine.platform, bus, clock }));
    } finally {
      bus.close();
      await listener.close();
    }
  });
}
