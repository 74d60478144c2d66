import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { newOrder } from "../route/orders.ts";
import { entriesMax, measureCache, tagOf } from "./workload.ts";

const tags = [tagOf(newOrder)];

/** As its documentation sets it up, with what the Trellis side has too: old values while loading, and tags. */
await measureCache(() => {
  const memory = bentostore().useL1Layer(memoryDriver({ maxItems: entriesMax }));
  const bento = new BentoCache({ default: "memory", stores: { memory }, ttl: "1h", grace: "1d" });
  return (key, factory) => bento.getOrSet({ key, factory, tags });
});
