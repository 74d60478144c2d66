// usage: node burst.ts ORIGIN COUNT: so many requests at once, each on a connection of its own
import { Caller } from "../traffic/caller.ts";
import { paths } from "../traffic/traffic-words.ts";

const [origin = "", count = "0"] = process.argv.slice(2);
const latenciesMs: number[] = [];
const why: Record<string, number> = {};
const beganMs = performance.now();

await Promise.all(
  Array.from({ length: Number(count) }, async () => {
    const caller = new Caller(origin, false, () => undefined);
    try {
      await caller.ask({ method: "GET", path: paths.quick });
      latenciesMs.push(performance.now() - beganMs);
    } catch (error) {
      const says = error instanceof Error ? error.message : String(error);
      why[says] = (why[says] ?? 0) + 1;
    }
  }),
);
latenciesMs.sort((a, b) => a - b);
const percentile = (share: number): number => latenciesMs[Math.floor(share * (latenciesMs.length - 1))] ?? 0;
const answered = latenciesMs.length;
console.log(JSON.stringify({ burst: { answered, why, firstMs: percentile(0), p99Ms: percentile(0.99) } }));
