import { wholeNumber } from "../arguments/whole-number.ts";
import { command, dataOption } from "../command.ts";
import { useOperations } from "../database/use-operations.ts";
import { table } from "../text/table.ts";

const limitDefault = "20";

export const jobsDead = command({
  name: "jobs dead",
  about: [
    "Lists the jobs that were given up after their retries, the latest first. They are kept until somebody retries or",
    "drops them.",
  ].join("\n"),
  options: {
    queue: { value: "SERVICE.NAME", says: "of this queue only" },
    limit: { value: "N", says: `how many (${limitDefault})` },
    before: { value: "ID", says: "those that died before this one" },
    data: dataOption,
  },
  run: async ({ options: { queue, before, data, limit: asked = limitDefault } }, world) => {
    const ask = {
      limit: wholeNumber(asked, "--limit", 1, 1_000),
      ...(queue === undefined ? {} : { queue }),
      ...(before === undefined ? {} : { before }),
    };
    const jobs = await useOperations(data, world, ({ queues }) => queues.dead(ask));
    const rows = jobs.map(({ id, queue: of, attempts, diedAt, error }) => [
      id,
      of,
      attempts,
      new Date(diedAt).toISOString(),
      error.split("\n")[0] ?? "",
    ]);
    const head = ["ID", "QUEUE", "ATTEMPTS", "DIED", "ERROR"];
    world.output.answer({ jobs }, jobs.length === 0 ? "There are no dead jobs." : table([head, ...rows]));
    return 0;
  },
});
