import { checkPages } from "../../blocks/http/pages/load-pages.ts";
import { appHere } from "../app-here.ts";
import { command, dataOption } from "../command.ts";
import { choosePort } from "../folder/app-port.ts";
import { dataPath, openDataFolder } from "../folder/data-folder.ts";
import { startApp } from "../running/start-app.ts";

export const start = command({
  name: "start",
  about: [
    "Runs the app on this machine: PostgreSQL (unless DATABASE_URL names one), its tables, and its instances, which",
    "share one port and are started again when they crash. Ctrl-C ends it in good order, a second one at once.",
    "With --json each event is one line; the last one before it serves is `ready`.",
  ].join("\n"),
  options: {
    port: { value: "N", says: "the port (else PORT, else the last one, else the first free from 3000; 0: any)" },
    host: { value: "H", says: "the address to listen on (else all of this machine's)" },
    data: dataOption,
  },
  run: async ({ options }, world) => {
    const here = await appHere(world);
    checkPages(here.plan.services);
    const data = openDataFolder(dataPath(options.data, world));
    const lock = data.lock();
    try {
      const port = await choosePort(options.port, world.environment, data);
      return await startApp({ ...here, data, port, ...(options.host ? { host: options.host } : {}) }, world);
    } finally {
      lock.release();
    }
  },
});
