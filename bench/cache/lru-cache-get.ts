import { LRUCache } from "lru-cache";
import type { Order } from "../route/orders.ts";
import { entriesMax, measureCache } from "./workload.ts";

const hourMs = 3_600_000;

/** The raw map: no promise where there is a value, and nothing that joins a thousand loads into one. */
await measureCache(() => {
  const lru = new LRUCache<string, Order>({ max: entriesMax, ttl: hourMs });
  return (key, load) => lru.get(key) ?? load().then((order) => lru.set(key, order) && order);
});
