import { randomUUID } from "node:crypto";
import type { Opened, Opening } from "../../model/block.ts";
import { busEngine } from "../../model/bus.ts";
import type { Schema } from "../../model/schema.ts";
import { Announcements } from "./announcements.ts";
import { Counts } from "./counts.ts";
import { InProcessCache } from "./in-process-cache.ts";
import type { Cache } from "./port.ts";
import type { CacheSettings } from "./settings.ts";
import { checkOf, shapeOf } from "./shape.ts";
import { Shelf } from "./shelf.ts";
import { WriteBehind } from "./write-behind.ts";

/** Opens one cache on this instance and begins to hear what the others delete. */
export function openCache<Key, Value>(
  schema: Schema<unknown, Value>,
  settings: CacheSettings<Key, Value>,
  opening: Opening,
): Opened<Cache<Key, Value>> {
  const { clock, random, log } = opening;
  const name = `${opening.service}.${opening.name}`;
  const careful = opening.mode !== "production";
  const check = careful ? checkOf(schema, name) : () => {};
  const counts = new Counts();
  // Not from `random`: instances that a test seeds alike must still not take one another's messages for their own.
  const announcements = new Announcements(opening.engine(busEngine), `cache:${name}`, randomUUID(), shapeOf(schema));
  const writeBehind = new WriteBehind<Key, Value>({
    cacheName: name,
    windowMs: settings.windowMs,
    unsavedMax: settings.unsavedMax,
    clock,
    random,
    log,
    onSaved: async (keys) => {
      await announcements.send({ keys: keys.map(settings.keyOf), tags: [] });
      counts.deletionsSent += keys.length;
    },
    onFailed: () => {
      counts.saveFailures++;
    },
  });
  const shelf = new Shelf<Value>(settings, { clock, random, check, freezes: careful });
  const cache = new InProcessCache({ name, settings, shelf, writeBehind, announcements, counts, clock, log });
  const silence = announcements.listen(cache);
  return {
    handle: cache,
    stats: () => ({ ...cache.stats() }),
    close: async () => {
      await writeBehind.close();
      silence();
    },
  };
}
