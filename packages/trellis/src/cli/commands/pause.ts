import { milliseconds } from "../../model/duration.ts";
import { command, dataOption } from "../command.ts";
import { askSupervisor } from "../running/ask-supervisor.ts";

/** How long a request is held unless said otherwise: less than the patience of most callers. */
const holdFor = "30s";

export const pause = command({
  name: "pause",
  about: [
    "Holds a service's requests in the gateway, until `trellis resume` or until each has waited for its time: for the",
    "moment that a migration of the data, or a restart of something behind the app, takes.",
  ].join("\n"),
  args: [{ name: "SERVICE", says: "the service" }],
  options: {
    for: { value: "30s", says: `how long a request waits at most (${holdFor})` },
    data: dataOption,
  },
  run: async ({ options, args: [service = ""] }, world) => {
    const holdMs = milliseconds(options.for ?? holdFor, "--for");
    await askSupervisor(options.data, { ask: "pause", service, holdMs }, world);
    world.output.answer({ event: "paused", service, holdMs }, `Requests of ${service} are held.`);
    return 0;
  },
});
