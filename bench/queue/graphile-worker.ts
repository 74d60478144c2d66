import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { runTask } from "./workload.ts";

const connectionString = process.env.DATABASE_URL ?? "";
const logger = new Logger(() => () => undefined);
const utils = await makeWorkerUtils({ connectionString, logger });
await utils.migrate();

interface Numbered {
  readonly number: number;
}

/** As its page on performance advises: jobs fetched and completed in batches. */
await runTask({
  enqueueMany: (numbers) => utils.addJobs(numbers.map((number) => ({ identifier: "bench", payload: { number } }))),
  enqueue: (number) => utils.addJob("bench", { number }),
  work: (begin) =>
    run({
      connectionString,
      logger,
      noHandleSignals: true,
      preset: {
        worker: {
          concurrentJobs: 24,
          maxPoolSize: 12,
          localQueue: { size: 500 },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
        },
      },
      taskList: { bench: async (payload) => begin((payload as Numbered).number) },
    }),
});
