import { Cacheable } from "cacheable";
import { measureCache } from "./workload.ts";

await measureCache(() => {
  const cacheable = new Cacheable({ ttl: "1h" });
  return (key, load) => cacheable.getOrSet(key, load);
});
