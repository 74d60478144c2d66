// usage: node autocannon-load.ts FILE (a `Load` as JSON). Prints what came of it as a line of JSON.
import { readFileSync } from "node:fs";
import autocannon from "autocannon";
import type { Load, LoadOutcome } from "./load.ts";

const load = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Load;
const result = await autocannon({
  url: load.origin,
  connections: load.connections,
  duration: load.seconds,
  requests: load.paths.map((path) => ({
    method: load.method,
    path,
    ...(load.headers ? { headers: load.headers } : {}),
    ...(load.body === undefined ? {} : { body: load.body }),
  })),
});
const outcome: LoadOutcome = {
  requests: result.requests.total,
  seconds: result.duration,
  p50Ms: result.latency.p50,
  p99Ms: result.latency.p99,
  failed: result["4xx"] + result["5xx"] + result.errors,
};
console.log(JSON.stringify(outcome));
