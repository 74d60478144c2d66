import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventEveryMs, paths, slowMs } from "./traffic-words.ts";

/** Inside the repository, so that `trellis` and `zod` are found; ignored by git. */
const place = join(import.meta.dirname, "../../.trellis/bench");

const migration = "create table done (id text primary key, at timestamptz not null default now());";

const config = (release: number): string => `
import { anyone, app, contract, created, database, events, get, post, queue, service, socket } from "trellis";
import { z } from "zod";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const Tick = z.object({ ms: z.int(), last: z.boolean() });
const Numbered = z.object({ number: z.int() });

const trafficContract = contract("traffic", {
  quick: get("${paths.quick}", { returns: z.object({ says: z.string() }), allow: anyone }),
  slow: get("${paths.slow}", { returns: z.object({ sleptMs: z.int() }), allow: anyone }),
  events: get("${paths.events}", { returns: events(Tick), allow: anyone }),
  echo: get("${paths.echo}", { returns: socket({ receives: Numbered, sends: Numbered }), allow: anyone }),
  addJob: post("${paths.jobs}", { body: z.object({}), returns: created(z.object({ id: z.string() })), allow: anyone }),
  release: get("/v1/release", { returns: z.object({ release: z.int(), done: z.int() }), allow: anyone }),
});

async function* ticks() {
  for (let ms = ${eventEveryMs}; ms <= ${slowMs}; ms += ${eventEveryMs}) {
    await pause(${eventEveryMs});
    yield { ms, last: ms === ${slowMs} };
  }
}

const traffic = service(trafficContract, {
  uses: {
    db: database<{ done: { id: string } }>({ migrations: import.meta.resolve("./migrations/") }),
    jobs: queue(z.object({}), { concurrency: 4 }),
  },
  routes: {
    quick: () => ({ says: "hello" }),
    slow: async () => {
      await pause(${slowMs});
      return { sleptMs: ${slowMs} };
    },
    events: () => ticks(),
    echo: () => ({ receive: (message) => message }),
    addJob: ({ body }, { db, jobs }) => db.transaction(async (tx) => ({ id: await jobs.in(tx).enqueue(body) })),
    release: async (_request, { db }) => {
      const { done } = await db.selectFrom("done").select(({ fn }) => fn.countAll<string>().as("done")).executeTakeFirstOrThrow();
      return { release: ${release}, done: Number(done) };
    },
  },
  works: {
    jobs: async ({ id, complete }, { db }) => {
      await db.transaction(async (tx) => {
        await db.in(tx).insertInto("done").values({ id }).execute();
        await complete(tx);
      });
    },
  },
});

export default app({ services: [traffic] });
`;

/** A small app that answers `paths`, in a folder of its own. */
export interface TrafficApp {
  readonly folder: string;
  /** Its data folder, unless a command is told another. */
  readonly data: string;
  /** Changes its code, as somebody does who then deploys it. */
  edit(release: number): void;
  remove(): void;
}

export function trafficApp(): TrafficApp {
  mkdirSync(place, { recursive: true });
  const folder = mkdtempSync(join(place, "traffic-"));
  const edit = (release: number): void => writeFileSync(join(folder, "trellis.config.ts"), config(release));
  mkdirSync(join(folder, "migrations"));
  writeFileSync(join(folder, "migrations/0001_done.sql"), migration);
  edit(1);
  return {
    folder,
    data: join(folder, ".trellis"),
    edit,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
