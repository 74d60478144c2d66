import { createCache } from "cache-manager";
import { measureCache } from "./workload.ts";

const hourMs = 3_600_000;

await measureCache(() => {
  const manager = createCache({ ttl: hourMs });
  return (key, load) => manager.wrap(key, load);
});
