import { tmpdir } from "node:os";
import { app, contract, type Queue, queue, service } from "trellis";
import { silentLog } from "trellis/testing";
import { z } from "zod";
import { plan } from "../../packages/trellis/src/model/plan.ts";
import { open } from "../../packages/trellis/src/runtime/open.ts";
import { type JobSystem, runTask } from "./workload.ts";

const Numbered = z.object({ number: z.int() });
type Numbers = Queue<z.infer<typeof Numbered>>;
type Begin = Parameters<JobSystem["work"]>[0];

/** A whole instance, as `trellis start` runs it: figures are counted, wakes go through PostgreSQL. Gives what handlers get. */
async function openInstance(begin?: Begin): Promise<Numbers> {
  let handle: Numbers | undefined;
  const declared = queue(Numbered);
  const jobs: typeof declared = {
    ...declared,
    open: async (opening) => {
      const opened = await declared.open(opening);
      handle = opened.handle;
      return opened;
    },
  };
  const bench = service(contract("bench", {}), {
    uses: { jobs },
    routes: {},
    ...(begin ? { works: { jobs: async ({ job }: { job: { number: number } }) => begin(job.number) } } : {}),
  });
  await open(plan(app({ services: [bench] }), { NODE_ENV: "production", TRELLIS_WORKERS: "0" }), {
    role: "web",
    databaseUrl: process.env.DATABASE_URL ?? "",
    secret: "of the bench, which nobody asks for",
    log: silentLog,
    name: "bench-1",
    folder: tmpdir(),
  });
  if (!handle) throw new Error("The queue was not opened.");
  return handle;
}

const jobs = await openInstance();

await runTask({
  enqueueMany: (numbers) => jobs.enqueueMany(numbers.map((number) => ({ number }))),
  enqueue: (number) => jobs.enqueue({ number }),
  work: (begin) => openInstance(begin),
});
