import type { Status } from "../../supervisor/control-words.ts";
import { command, dataOption } from "../command.ts";
import { askSupervisor } from "../running/ask-supervisor.ts";
import { Shutdown } from "../running/shutdown.ts";
import { statusText } from "../text/status-text.ts";
import type { World } from "../world.ts";

/** Figures come once a second. */
const watchMs = 1_000;
/** Back to the first line, and nothing below it: what was there is written over, without a flicker. */
const redraw = "\u001b[H\u001b[J";

export const status = command({
  name: "status",
  about: [
    "Shows what runs: every instance with its release, requests, latency, processor and memory, the gateways, and each",
    "service with what waits and what the edge answers. Rates are those of the last second.",
  ].join("\n"),
  options: { watch: { says: "show it again every second, until Ctrl-C" }, data: dataOption },
  run: async ({ options }, world) => {
    const read = async () => (await askSupervisor(options.data, { ask: "status" }, world)) as Status;
    if (options.watch) return watch(read, world);
    const found = await read();
    world.output.answer(found, statusText(found));
    return 0;
  },
});

async function watch(read: () => Promise<Status>, world: World): Promise<number> {
  const shutdown = new Shutdown(world);
  try {
    while (!shutdown.asked) {
      const found = await read();
      world.output.answer(found, `${redraw}${statusText(found)}`);
      const next = new Promise<void>((resolve) => world.clock.after(watchMs, resolve));
      await Promise.race([next, shutdown.request]);
    }
    return 0;
  } finally {
    await shutdown.run();
  }
}
