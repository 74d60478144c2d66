import { command, dataOption } from "../command.ts";
import { choosePort } from "../folder/app-port.ts";
import { dataPath, openDataFolder } from "../folder/data-folder.ts";
import { findConfig } from "../load-app.ts";
import { developApp } from "../running/develop-app.ts";

export const dev = command({
  name: "dev",
  about: [
    "Runs the app for its author: in one process that is started again after each edit, with logs to read and with the",
    "checks of NODE_ENV=development. An edit that does not run shows its error, and the next one is waited for.",
  ].join("\n"),
  options: {
    port: { value: "N", says: "the port (else PORT, else the last one, else the first free from 3000; 0: any)" },
    host: {
      value: "H",
      says: "the address to listen on (else 127.0.0.1, reached from this machine alone; all: 0.0.0.0)",
    },
    data: dataOption,
  },
  run: async ({ options }, world) => {
    const config = findConfig(world.folder);
    const data = openDataFolder(dataPath(options.data, world));
    const lock = data.lock();
    try {
      const port = await choosePort(options.port, world.environment, data);
      return await developApp({ config, data, port, host: options.host ?? "127.0.0.1" }, world);
    } finally {
      lock.release();
    }
  },
});
