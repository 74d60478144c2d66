import { LRUCache } from "lru-cache";
import type { Order } from "../route/orders.ts";
import { entriesMax, measureCache } from "./workload.ts";

const hourMs = 3_600_000;

await measureCache(() => {
  const lru = new LRUCache<string, Order, () => Promise<Order>>({
    max: entriesMax,
    ttl: hourMs,
    fetchMethod: (_key, _stale, { context: load }) => load(),
  });
  return (key, load) => lru.fetch(key, { context: load });
});
