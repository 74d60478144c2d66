import { command, dataOption } from "../command.ts";
import { useOperations } from "../database/use-operations.ts";

export const jobsRetry = command({
  name: "jobs retry",
  about: "Begins dead jobs anew, with all their attempts. They run as soon as the app does.",
  args: [{ name: "ID…", says: "ids of dead jobs, see trellis jobs dead", many: true }],
  options: { data: dataOption },
  run: async ({ options, args }, world) => {
    const count = await useOperations(options.data, world, ({ queues }) => queues.retryDead(args));
    const missing = args.length - count;
    const rest = missing === 0 ? "" : ` ${missing} not: no dead jobs have these ids.`;
    world.output.answer({ count }, `${count} begun anew.${rest}`);
    return 0;
  },
});
