import { PgBoss } from "pg-boss";
import { runTask } from "./workload.ts";

interface Numbered {
  readonly number: number;
}

const name = "bench";
/** The least that it allows. */
const heartbeatSeconds = 10;

const boss = new PgBoss({
  connectionString: process.env.DATABASE_URL ?? "",
  useListenNotify: true,
  superviseIntervalSeconds: 1,
  monitorIntervalSeconds: 1,
});
boss.on("error", (error) => console.error(error));
await boss.start();
if (!(await boss.getQueue(name))) await boss.createQueue(name, { notify: true, heartbeatSeconds });

await runTask({
  enqueueMany: (numbers) =>
    boss.insert(
      name,
      numbers.map((number) => ({ data: { number } })),
    ),
  enqueue: (number) => boss.send(name, { number }),
  work: (begin) =>
    boss.work<Numbered>(
      name,
      { batchSize: 500, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 },
      async (jobs) => {
        await Promise.all(jobs.map(({ data }) => begin(data.number)));
      },
    ),
});
