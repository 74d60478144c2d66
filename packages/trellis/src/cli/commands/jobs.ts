import { command, dataOption } from "../command.ts";
import { useOperations } from "../database/use-operations.ts";
import { length } from "../text/length.ts";
import { table } from "../text/table.ts";

export const jobs = command({
  name: "jobs",
  about: "Shows how many jobs of each queue are in which state, and how long the oldest has been waiting to start.",
  options: { data: dataOption },
  run: async ({ options }, world) => {
    const queues = await useOperations(options.data, world, (use) => use.queues.overview());
    const head = ["QUEUE", "READY", "DELAYED", "RUNNING", "DEAD", "DONE", "OLDEST"];
    const rows = queues.map(({ queue, counts: { waiting, running, dead }, delayed, done, oldestAgeMs }) => [
      queue,
      waiting - delayed,
      delayed,
      running,
      dead,
      done,
      length(oldestAgeMs),
    ]);
    world.output.answer({ queues }, queues.length === 0 ? "No queue has had a job." : table([head, ...rows]));
    return 0;
  },
});
