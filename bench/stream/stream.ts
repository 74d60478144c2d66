import type { Bench, Findings, HowToRun } from "../src/harness/bench.ts";
import { Child } from "../src/harness/child.ts";
import { interleave } from "../src/harness/interleave.ts";
import { nodeProgram } from "../src/harness/pinning.ts";
import { batchEvents, callers, connections, consumedAtOnce, partitions, type StreamOutcome } from "./workload.ts";

const sides = { trellis: "trellis.ts", "raw table": "raw.ts" };
const appended = `events appended in batches of ${batchEvents}`;
const consumed = "events consumed by one group, offsets committed";
const committed = `single events committed through the outbox by ${connections} connections, and moved into the log`;

export const stream: Bench = {
  name: "stream",
  line: "events a second appended, consumed, and committed singly, beside a raw table with hand-written SQL",
  hasPeers: true,
  packages: ["pg"],
  run: measureStreams,
};

async function measureStreams({ rounds, progress }: HowToRun): Promise<Findings> {
  const samples = await interleave({ sides, rounds, measure, progress });
  const of = (figure: keyof StreamOutcome) =>
    Object.fromEntries(Object.entries(samples).map(([side, outcomes]) => [side, outcomes.map((each) => each[figure])]));
  return {
    measures: [
      { name: appended, unit: "1/s", better: "higher", sides: of("appended") },
      { name: consumed, unit: "1/s", better: "higher", sides: of("consumed") },
      { name: committed, unit: "1/s", better: "higher", sides: of("committed") },
    ],
    notes: [
      "A fresh process and a fresh database on the embedded PostgreSQL for each run; client and server share all cores; every commit is flushed to the disk",
      `Clicks of seven fields in ${partitions} partitions; ${callers} callers append; a consumer is given at most ${consumedAtOnce} events and does nothing with them`,
      "trellis: the stream block as an app uses it, in production, one instance: events are checked by their schema when they are appended and when they are handled",
      "raw table: one table with an offset for each partition, a table of heads, hand-written SQL over pg; JSON.stringify and JSON.parse, nothing checked",
    ],
    goals: [
      { side: "trellis", atLeast: 120_000 },
      { ratio: "trellis/raw table", atLeast: 0.8 },
      { measure: consumed, side: "trellis", atLeast: 200_000 },
      { measure: committed, side: "trellis", atLeast: 10_000 },
    ],
  };
}

async function measure(file: string): Promise<StreamOutcome> {
  const child = new Child(nodeProgram(new URL(file, import.meta.url)));
  try {
    return (await child.line("appended")) as unknown as StreamOutcome;
  } finally {
    await child.end();
  }
}
