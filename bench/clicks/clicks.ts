import { setTimeout as sleep } from "node:timers/promises";
import { linksContract, type Reconciliation } from "links/contract";
import { client } from "trellis/contract";
import type { Bench, Findings, HowToRun } from "../src/harness/bench.ts";
import { interleave } from "../src/harness/interleave.ts";
import { generate, loadGeneratorNote } from "../src/harness/load.ts";
import { newDataFolder, repositoryApp, startTrellis } from "../src/harness/trellis-command.ts";
import { zipfRanks } from "../src/harness/zipf.ts";

const linkCount = 500;
const askedFor = 1 << 13;
const connections = 32;
const warmMs = 3_000;
const measuredMs = 5_000;
const lookEveryMs = 50;

/** What one run measured, in clicks a second. */
interface Sample {
  readonly answered: number;
  readonly counted: number;
  readonly caughtUp: number;
}

export const clicks: Bench = {
  name: "clicks",
  line: "clicks counted into hourly rollups while as many redirects are answered as go, and from a backlog",
  hasPeers: false,
  packages: ["pg"],
  run: measureClicks,
};

async function measureClicks({ rounds, progress }: HowToRun): Promise<Findings> {
  const samples = await interleave({ sides: { trellis: 0 }, rounds, measure: measureOnce, progress });
  const of = (figure: keyof Sample) => ({ trellis: (samples.trellis ?? []).map((sample) => sample[figure]) });
  return {
    measures: [
      { name: "clicks counted while links are followed", unit: "1/s", better: "higher", sides: of("counted") },
      { name: "redirects answered meanwhile", unit: "1/s", better: "higher", sides: of("answered") },
      { name: "clicks counted from the backlog of that", unit: "1/s", better: "higher", sides: of("caughtUp") },
    ],
    notes: [
      `The app Links as it starts, one web instance and one worker with the embedded PostgreSQL, all on this machine and none pinned; ${linkCount} links by Zipf's law, ${connections} connections as fast as they go; ${loadGeneratorNote}`,
      "Counted: hourly rollups by country, referrer, device, browser, system and kind of robot, people as sketches, totals; the app's own books, read before and after, which must agree to the unit",
      "Whoever answers fewer redirects than are counted here runs without growing lag. Kutt 3.2's queue of clicks drained 313 to 600/s on such a machine",
    ],
    goals: [{ side: "trellis", atLeast: 10_000 }],
  };
}

async function measureOnce(): Promise<Sample> {
  const folder = newDataFolder();
  const trellis = await startTrellis({ app: repositoryApp, data: folder.data, settings: { TRELLIS_WEB: "1" } });
  try {
    const url = trellis.instances.find(({ role }) => role === "web")?.url ?? trellis.url;
    const api = client(linksContract, { url, key: trellis.ownerKey ?? "" });
    const codes: string[] = [];
    for (let place = 0; place < linkCount; place++)
      codes.push((await api.shorten({ body: { target: `https://example.com/${place}` } })).code);
    const paths = zipfRanks(linkCount, askedFor).map((rank) => `/${codes[rank]}`);
    const origin = `http://127.0.0.1:${Number(new URL(url).port)}` as const;
    const seconds = (warmMs + measuredMs) / 1_000 + 1;
    const load = generate({ origin, method: "GET", paths, headers, connections, seconds });
    await sleep(warmMs);
    const [began, before] = [performance.now(), await api.reconciliation()];
    await sleep(measuredMs);
    const [ended, after] = [performance.now(), await api.reconciliation()];
    await load;
    const perSecond = (one: number, other: number): number => (1_000 * (other - one)) / (ended - began);
    return {
      answered: perSecond(before.answered, after.answered),
      counted: perSecond(before.counted, after.counted),
      caughtUp: await catchUp(() => api.reconciliation()),
    };
  } finally {
    await trellis.end();
    folder.remove();
  }
}

const headers = {
  "user-agent":
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
  referer: "https://example.org/page",
};

/** How many a second are counted when nobody follows links any more, until all are. */
async function catchUp(read: () => Promise<Reconciliation>): Promise<number> {
  const [began, before] = [performance.now(), await read()];
  let now = before;
  while (now.inFlight > 0) {
    await sleep(lookEveryMs);
    now = await read();
  }
  if (now.answered !== now.counted) throw new Error(`${now.answered} answered, ${now.counted} counted.`);
  return (1_000 * (now.counted - before.counted)) / (performance.now() - began);
}
