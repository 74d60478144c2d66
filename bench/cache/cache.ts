import type { Bench, Findings, HowToRun } from "../src/harness/bench.ts";
import { Child } from "../src/harness/child.ts";
import { interleave } from "../src/harness/interleave.ts";
import { nodeProgram, pinned } from "../src/harness/pinning.ts";
import type { CacheOutcome } from "./workload.ts";

const sides = {
  trellis: "trellis.ts",
  bentocache: "bentocache.ts",
  "bentocache plain": "bentocache-plain.ts",
  cacheable: "cacheable.ts",
  "cache-manager": "cache-manager.ts",
  "lru-cache fetch": "lru-cache-fetch.ts",
  "lru-cache get": "lru-cache-get.ts",
};
const loadsMeasure = "loads in one instance when 1,000 callers on each of two miss the same key";

export const cache: Bench = {
  name: "cache",
  line: "in-process hits per CPU-second through `await cache.getOrLoad`; loads when a thousand callers miss",
  hasPeers: true,
  packages: ["bentocache", "cacheable", "cache-manager", "lru-cache"],
  run: measureCaches,
};

async function measureCaches({ rounds, progress }: HowToRun): Promise<Findings> {
  const samples = await interleave({ sides, rounds, measure, progress });
  const of = (figure: keyof CacheOutcome) =>
    Object.fromEntries(Object.entries(samples).map(([side, outcomes]) => [side, outcomes.map((each) => each[figure])]));
  return {
    measures: [
      { name: "hits, 1,000 keys", unit: "1/CPU-s", better: "higher", sides: of("hitsPerCpuSecond") },
      { name: "hits, 10,000 keys", unit: "1/CPU-s", better: "higher", sides: of("hitsPerCpuSecondOfMany") },
      { name: loadsMeasure, unit: "loads", better: "lower", sides: of("loads") },
    ],
    notes: [
      "A fresh process for each run; CPU time of all its threads, garbage collection included",
      "Each hit is awaited, with a load function at hand, as an app does; keys by Zipf's law; values are orders of nine fields with three lines",
      "trellis: ttl, old values while loading, tags, two instances on one bus; bentocache: its memory driver with the same; bentocache plain: neither tags nor old values nor serialised values",
      "lru-cache get: the raw map under a hand-written load, which joins no loads; lru-cache fetch: its own",
    ],
    goals: [
      { side: "trellis", atLeast: 5_000_000 },
      { ratio: "trellis/bentocache", atLeast: 30 },
      { measure: loadsMeasure, side: "trellis", atMost: 1 },
    ],
  };
}

async function measure(file: string): Promise<CacheOutcome> {
  const child = new Child(pinned("server", nodeProgram(new URL(file, import.meta.url))));
  try {
    return (await child.line("hitsPerCpuSecond")) as unknown as CacheOutcome;
  } finally {
    await child.end();
  }
}
