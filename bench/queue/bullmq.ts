import { Queue, Worker } from "bullmq";
import { runTask } from "./workload.ts";

/** As long as Trellis's lease, where the default is 30 s. */
const lockMs = 5_000;

const connection = { port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null };
const name = process.env.QUEUE_NAME ?? "bench";
const queue = new Queue<{ number: number }>(name, { connection });

await runTask({
  enqueueMany: (numbers) => queue.addBulk(numbers.map((number) => ({ name, data: { number } }))),
  enqueue: (number) => queue.add(name, { number }),
  work: async (begin) => {
    const worker = new Worker<{ number: number }>(name, async ({ data }) => begin(data.number), {
      connection,
      concurrency: 100,
      lockDuration: lockMs,
      stalledInterval: lockMs,
    });
    await worker.waitUntilReady();
  },
});
