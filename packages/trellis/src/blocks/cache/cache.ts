import { type Block, block } from "../../model/block.ts";
import { busEngine } from "../../model/bus.ts";
import { milliseconds } from "../../model/duration.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Limit } from "../../model/limit.ts";
import type { Infer, Schema } from "../../model/schema.ts";
import { bytes } from "../../model/size.ts";
import { openCache } from "./open-cache.ts";
import type { Cache, CacheOptions } from "./port.ts";
import type { CacheSettings } from "./settings.ts";

export type { Cache, CacheOptions } from "./port.ts";

/**
 * Declares a cache of values that fit `value`: `cache(Link, { ttl: "1h", staleFor: "1d" })`. Keys are strings unless
 * `key` says how to make one. Throws `invalid-setting` or `invalid-app` where an option makes no sense.
 */
export function cache<S extends Schema, Key = string>(
  value: S,
  options: CacheOptions<Key, Infer<S>>,
): Block<"cache", Cache<Key, Infer<S>>> {
  const settings = readOptions(options);
  return block<"cache", Cache<Key, Infer<S>>>({
    kind: "cache",
    needs: [busEngine],
    limits: limitsOf(settings),
    open: (opening) => openCache<Key, Infer<S>>(value as Schema<unknown, Infer<S>>, settings, opening),
  });
}

const unsavedMax = 10_000;

function readOptions<Key, Value>(options: CacheOptions<Key, Value>): CacheSettings<Key, Value> {
  const { ttl, staleFor = "0s", negativeFor, key, tags, max = "64MB", jitter = 0.1 } = options;
  const ttlMs = milliseconds(ttl, "ttl");
  if (ttlMs <= 0) throw new TrellisError("invalid-app", { says: `ttl is "${ttl}"`, cure: "Give a ttl above 0." });
  if (!(jitter >= 0 && jitter < 1))
    throw new TrellisError("invalid-app", { says: `jitter is ${jitter}`, cure: "Give a share from 0 to below 1." });
  return {
    ttlMs,
    staleMs: milliseconds(staleFor, "staleFor"),
    negativeMs: negativeFor === undefined ? Math.min(ttlMs, 10_000) : milliseconds(negativeFor, "negativeFor"),
    loadMsMax: milliseconds(options.loadWithin ?? "10s", "loadWithin"),
    windowMs: milliseconds(options.writeWindow ?? "1s", "writeWindow"),
    bytesMax: bytes(max, "max"),
    unsavedMax,
    jitter,
    // Without `key`, Key is string: the type parameter's default.
    keyOf: key ?? ((given) => given as string),
    tagsOf: tags,
  };
}

function limitsOf(settings: CacheSettings<never, never>): readonly Limit[] {
  return [
    { name: "values in each instance", value: settings.bytesMax, unit: "bytes", set: "max" },
    { name: "age", value: settings.ttlMs, unit: "ms", set: "ttl" },
    { name: "age while loading anew", value: settings.ttlMs + settings.staleMs, unit: "ms", set: "ttl + staleFor" },
    { name: "age of `undefined`", value: settings.negativeMs, unit: "ms", set: "negativeFor" },
    { name: "load", value: settings.loadMsMax, unit: "ms", set: "loadWithin" },
    { name: "write-behind window", value: settings.windowMs, unit: "ms", set: "writeWindow" },
    {
      name: "values waiting to be saved",
      value: settings.unsavedMax,
      unit: "entries",
      set: "fixed: more would not be saved in one batch",
    },
  ];
}
