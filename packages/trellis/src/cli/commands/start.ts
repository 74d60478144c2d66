import { dirname } from "node:path";
import { checkPages } from "../../blocks/http/pages/load-pages.ts";
import { isAlive } from "../../supervisor/process-identity.ts";
import { noState } from "../../supervisor/state.ts";
import { appHere } from "../app-here.ts";
import { command, dataOption } from "../command.ts";
import { choosePort } from "../folder/app-port.ts";
import { type DataFolder, dataPath, existingDataFolder, openDataFolder } from "../folder/data-folder.ts";
import { startApp, stateBefore } from "../running/start-app.ts";
import type { World } from "../world.ts";

export const start = command({
  name: "start",
  about: [
    "Runs the app on this machine: PostgreSQL (unless DATABASE_URL names one), its tables, its instances, and the gateway",
    "in front of them; what crashes is started again. The release that was deployed last runs, or this folder where none",
    "was. Ctrl-C ends it in good order, a second one at once. After a kill -9 all but this command serve on, and the",
    "next start goes on with them. With --json each event is one line; the last one before it serves is `ready`.",
  ].join("\n"),
  options: {
    port: { value: "N", says: "the port (else PORT, else the last one, else the first free from 3000; 0: any)" },
    host: { value: "H", says: "the address to listen on (else all of this machine's)" },
    data: dataOption,
  },
  run: async ({ options }, world) => {
    const path = dataPath(options.data, world);
    const here = await appHere(atRelease(existingDataFolder(path), world));
    checkPages(here.plan.services);
    const data = openDataFolder(path);
    const lock = data.lock();
    try {
      const before = stateBefore(data);
      const ours = before.gateways.find((gateway) => isAlive(gateway))?.port;
      const port = await choosePort(options.port, world.environment, data, ours);
      return await startApp({ ...here, data, before, port, ...(options.host ? { host: options.host } : {}) }, world);
    } finally {
      lock.release();
    }
  },
});

/** What was deployed last runs again; where nothing was, the folder in which the command was given. */
function atRelease(data: DataFolder | undefined, world: World): World {
  const { releases, current } = data ? stateBefore(data) : noState;
  const release = releases.find(({ number, copied }) => number === current && copied);
  return release ? { ...world, folder: dirname(release.config) } : world;
}
