import type { Log } from "../../model/log.ts";
import { openLog } from "../../runtime/pino-log.ts";
import { clusterSpawn } from "../../supervisor/cluster-spawn.ts";
import type { RunningInstance } from "../../supervisor/instance-slot.ts";
import { supervise } from "../../supervisor/supervise.ts";
import type { SupervisorEvent } from "../../supervisor/supervisor-event.ts";
import type { AppHere } from "../app-here.ts";
import { openAppDatabase } from "../database/app-database.ts";
import { openEngine } from "../database/open-engine.ts";
import { type PreparedDatabase, prepareDatabase } from "../database/prepare-database.ts";
import { entryFile } from "../entry-file.ts";
import type { DataFolder } from "../folder/data-folder.ts";
import { eventText, ownerKeyText, readyText } from "../text/start-text.ts";
import type { World } from "../world.ts";
import { Shutdown } from "./shutdown.ts";

export interface AppToStart extends AppHere {
  readonly data: DataFolder;
  readonly port: number;
  readonly host?: string;
}

/** Beyond the drain: what an instance needs to close its pools, before it is ended by force. */
const closeMs = 4_000;

/** Runs the app until someone asks it to stop. Returns the exit code. */
export async function startApp(app: AppToStart, world: World): Promise<number> {
  const { settings } = app.plan;
  const log = openLog({ level: settings.logLevel, facts: { role: "supervisor" } });
  const shutdown = new Shutdown(world);
  let untoldKey: string | undefined;
  try {
    const onEvent = (event: SupervisorEvent) => world.output.answer(event, eventText(event));
    const database = await openAppDatabase({ settings, data: app.data, log, onEvent }, world);
    shutdown.lastly(() => database.stop());
    app.data.announce({ pid: process.pid, port: app.port, ...database.announced });
    const { ownerKey } = await prepare(app, database.url, log, world);
    untoldKey = ownerKey;
    if (shutdown.asked) return 0;

    const { config, data, port, host } = app;
    const order = {
      folder: data.path,
      config,
      port,
      databaseUrl: database.url,
      secret: settings.secret || data.secret(),
      ...(host === undefined ? {} : { host }),
    };
    const supervisor = supervise({
      spawn: clusterSpawn({ entry: entryFile, orderFor: (role, number) => ({ ...order, roles: [role], number }) }),
      instances: app.plan.instances,
      clock: world.clock,
      random: world.random,
      startTimeoutMs: settings.startTimeoutMs,
      stopTimeoutMs: settings.drainTimeoutMs + closeMs,
      onEvent,
    });
    shutdown.lastly(() => supervisor.stop());
    shutdown.onHurry(() => supervisor.kill());
    const instances = await Promise.race([supervisor.ready, shutdown.request]);
    if (instances) {
      tellReady(app, instances, ownerKey, world);
      untoldKey = undefined;
      await shutdown.request;
    }
    return 0;
  } finally {
    // It is made once: a first start that fails, or is stopped, must not take it along.
    if (untoldKey) world.output.answer({ event: "ownerKey", ownerKey: untoldKey }, ownerKeyText(untoldKey));
    await shutdown.run();
    if (shutdown.asked) world.output.answer({ event: "stopped" }, "Stopped.");
  }
}

async function prepare({ plan }: AppToStart, url: string, log: Log, world: World): Promise<PreparedDatabase> {
  const engine = openEngine(url, plan.settings, log, world);
  try {
    return await prepareDatabase(engine, plan, world.clock);
  } finally {
    await engine.close();
  }
}

function tellReady(
  { plan, port, data }: AppToStart,
  running: readonly RunningInstance[],
  ownerKey: string | undefined,
  { output }: World,
): void {
  const ready = {
    event: "ready",
    url: plan.settings.origin || `http://localhost:${port}`,
    port,
    data: data.path,
    instances: running.map(({ role, privateUrl, pid }) => ({ role, url: privateUrl, pid })),
    ...(ownerKey === undefined ? {} : { ownerKey }),
  } as const;
  output.answer(ready, readyText(ready, plan));
}
