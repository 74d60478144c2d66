import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { read } from "./notes-app.ts";

/** Inside the repository, so that `trellis` and `zod` are found; ignored by git. */
const place = join(import.meta.dirname, "../../.trellis/tests");

const migration = `
create table begun (id text not null, name text not null, attempt integer not null, pid integer not null);
create table effect (id text not null, name text not null);`;

/** Two workers. A task called `hangs` never ends at its first attempt; each leaves its effect with its completion. */
const config = `
import { anyone, app, contract, created, database, failure, get, post, queue, service } from "trellis";
import { z } from "zod";

const Task = z.object({ name: z.string() });
const Refused = failure("refused", { status: 409, title: "Refused", cure: "None.", detail: z.object({}) });
const Begun = z.object({ id: z.string(), name: z.string(), attempt: z.int(), pid: z.int() });

const jobsContract = contract("jobs", {
  add: post("/v1/tasks", { body: Task, returns: created(z.object({ id: z.string() })), allow: anyone }),
  addAndRefuse: post("/v1/refused", { body: Task, returns: created(z.object({ id: z.string() })), fails: [Refused], allow: anyone }),
  begun: get("/v1/begun", { returns: z.object({ begun: z.array(Begun) }), allow: anyone }),
  effects: get("/v1/effects", { returns: z.object({ names: z.array(z.string()) }), allow: anyone }),
});

const jobs = service(jobsContract, {
  uses: {
    db: database({ migrations: import.meta.resolve("./migrations/") }),
    tasks: queue(Task, { concurrency: 4 }),
  },
  routes: {
    add: ({ body }, { db, tasks }) => db.transaction(async (tx) => ({ id: await tasks.in(tx).enqueue(body) })),
    addAndRefuse: ({ body }, { db, tasks }) =>
      db.transaction(async (tx) => {
        await tasks.in(tx).enqueue(body);
        return Refused({});
      }),
    begun: async (_request, { db }) => ({ begun: await db.selectFrom("begun").selectAll().execute() }),
    effects: async (_request, { db }) => ({ names: (await db.selectFrom("effect").select("name").execute()).map(({ name }) => name) }),
  },
  works: {
    tasks: async ({ id, job, attempt, complete }, { db }) => {
      await db.insertInto("begun").values({ id, name: job.name, attempt, pid: process.pid }).execute();
      if (job.name === "hangs" && attempt === 1) await new Promise(() => undefined);
      await db.transaction(async (tx) => {
        await db.in(tx).insertInto("effect").values({ id, name: job.name }).execute();
        await complete(tx);
      });
    },
  },
});

export default app({ services: [jobs], instances: { web: 1, worker: 2 } });
`;

/** An app with a queue in a folder of its own, for the length of a test. */
export function jobsApp(): { readonly folder: string } {
  mkdirSync(place, { recursive: true });
  const folder = mkdtempSync(join(place, "jobs-"));
  mkdirSync(join(folder, "migrations"));
  writeFileSync(join(folder, "trellis.config.ts"), config);
  writeFileSync(join(folder, "migrations/0001_tables.sql"), migration);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder };
}

/** An attempt that some worker has begun. */
export interface BegunTask {
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  readonly pid: number;
}

/** Returns the answer's status. */
export async function addTask(url: string, path: "tasks" | "refused", name: string): Promise<number> {
  const { status } = await fetch(`${url}/v1/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name }),
  });
  return status;
}

export async function begunTasks(url: string): Promise<readonly BegunTask[]> {
  return (await read<{ begun: readonly BegunTask[] }>(`${url}/v1/begun`)).begun;
}

export async function effects(url: string): Promise<readonly string[]> {
  return (await read<{ names: readonly string[] }>(`${url}/v1/effects`)).names;
}
