import type { Bench, Findings, HowToRun } from "../src/harness/bench.ts";
import { interleave } from "../src/harness/interleave.ts";
import { newDataFolder, repositoryApp, startTrellis } from "../src/harness/trellis-command.ts";

interface Seconds {
  readonly ready: number;
  readonly answer: number;
}

export const start: Bench = {
  name: "start",
  line: "seconds from `trellis start` to the first answer, with and without making the database",
  hasPeers: false,
  packages: [],
  run: measureStarts,
};

async function measureStarts({ rounds, progress }: HowToRun): Promise<Findings> {
  const used = newDataFolder();
  try {
    progress("making the data folder of the later starts");
    await timeStart(used.data);
    const measure = (side: () => Promise<Seconds>) => side();
    const samples = await interleave({ sides: sidesOn(used.data), rounds, measure, progress });
    return findings(samples);
  } finally {
    used.remove();
  }
}

function sidesOn(usedData: string): Readonly<Record<string, () => Promise<Seconds>>> {
  return {
    "first start": async () => {
      const fresh = newDataFolder();
      try {
        return await timeStart(fresh.data);
      } finally {
        fresh.remove();
      }
    },
    "later start": () => timeStart(usedData),
  };
}

async function timeStart(data: string): Promise<Seconds> {
  const startedAt = performance.now();
  const since = () => (performance.now() - startedAt) / 1_000;
  const trellis = await startTrellis({ app: repositoryApp, data });
  try {
    const ready = since();
    const { status } = await fetch(`${trellis.url}/readyz`);
    if (status !== 200) throw new Error(`${trellis.url} said that it is ready, then answered ${status}.`);
    return { ready, answer: since() };
  } finally {
    await trellis.end();
  }
}

function findings(samples: Readonly<Record<string, readonly Seconds[]>>): Findings {
  const of = (moment: keyof Seconds) =>
    Object.fromEntries(Object.entries(samples).map(([side, each]) => [side, each.map((seconds) => seconds[moment])]));
  return {
    measures: [
      { name: "to the first answer of status 200", unit: "s", better: "lower", sides: of("answer") },
      { name: "to the line that says ready", unit: "s", better: "lower", sides: of("ready") },
    ],
    notes: [
      "trellis start --json of the app Links: PostgreSQL, two web instances, one worker; packages are installed already",
      "first start: the database is created and migrated; later start: on the data folder of an earlier one that was stopped",
    ],
    goals: [
      { side: "later start", atMost: 3 },
      { side: "first start", atMost: 6 },
    ],
  };
}
