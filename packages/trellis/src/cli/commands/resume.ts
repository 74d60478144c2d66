import { command, dataOption } from "../command.ts";
import { askSupervisor } from "../running/ask-supervisor.ts";

export const resume = command({
  name: "resume",
  about: "Lets the requests go on that `trellis pause` holds, in the order in which they came.",
  args: [{ name: "SERVICE", says: "the service" }],
  options: { data: dataOption },
  run: async ({ options, args: [service = ""] }, world) => {
    await askSupervisor(options.data, { ask: "resume", service }, world);
    world.output.answer({ event: "resumed", service }, `Requests of ${service} go on.`);
    return 0;
  },
});
