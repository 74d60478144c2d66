import { command, dataOption } from "../command.ts";
import { useOperations } from "../database/use-operations.ts";

export const jobsDrop = command({
  name: "jobs drop",
  about: "Forgets dead jobs, for good.",
  args: [{ name: "ID…", says: "ids of dead jobs, see trellis jobs dead", many: true }],
  options: { data: dataOption },
  run: async ({ options, args }, world) => {
    const count = await useOperations(options.data, world, ({ queues }) => queues.dropDead(args));
    const missing = args.length - count;
    const rest = missing === 0 ? "" : ` ${missing} not: no dead jobs have these ids.`;
    world.output.answer({ count }, `${count} forgotten.${rest}`);
    return 0;
  },
});
