import { isAlive, signalProcess } from "../../supervisor/process-identity.ts";
import { command, dataOption } from "../command.ts";
import { endLeftDatabase } from "../database/end-left-database.ts";
import { dataPath, existingDataFolder } from "../folder/data-folder.ts";
import { askSupervisor } from "../running/ask-supervisor.ts";
import { stateBefore } from "../running/start-app.ts";
import type { World } from "../world.ts";

const lookMs = 50;

export const stop = command({
  name: "stop",
  about: [
    "Ends the app that runs on the data folder, in good order: what was begun is answered. Also what a supervisor has",
    "left running that was killed.",
  ].join("\n"),
  options: { data: dataOption },
  run: async ({ options }, world) => {
    const path = dataPath(options.data, world);
    const data = existingDataFolder(path);
    if (data?.running()) {
      await askSupervisor(options.data, { ask: "stop" }, world);
      await until(() => data.running() === undefined, world);
    } else if (data) {
      const { instances, gateways } = stateBefore(data);
      for (const gateway of gateways) signalProcess(gateway, "SIGTERM");
      await until(() => !gateways.some(isAlive), world);
      for (const instance of instances) signalProcess(instance, "SIGTERM");
      await until(() => !instances.some(isAlive), world);
      await endLeftDatabase(data, world);
    }
    world.output.answer({ event: "stopped" }, "Stopped.");
    return 0;
  },
});

async function until(isSo: () => boolean, { clock }: World): Promise<void> {
  // A timer of the clock keeps no process alive.
  const alive = setInterval(() => undefined, lookMs * 100);
  while (!isSo()) await new Promise<void>((resolve) => clock.after(lookMs, resolve));
  clearInterval(alive);
}
