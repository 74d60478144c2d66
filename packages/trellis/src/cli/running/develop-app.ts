import { dirname, relative } from "node:path";
import { TrellisError } from "../../model/errors.ts";
import { readSettings } from "../../model/settings.ts";
import { openLog } from "../../runtime/pino-log.ts";
import { prettyStream } from "../../runtime/pretty-stream.ts";
import { revived } from "../../supervisor/ask-control.ts";
import { startChild } from "../../supervisor/child-spawn.ts";
import { Follower } from "../../supervisor/follower.ts";
import type { InstanceEnd, ReadyFacts } from "../../supervisor/instance-process.ts";
import { openAppDatabase } from "../database/app-database.ts";
import { entryFile } from "../entry-file.ts";
import type { DataFolder } from "../folder/data-folder.ts";
import { errorFacts, errorText } from "../output.ts";
import { eventText } from "../text/start-text.ts";
import type { World } from "../world.ts";
import { Shutdown } from "./shutdown.ts";
import { watchFolder } from "./watch-folder.ts";

export interface AppToDevelop {
  readonly config: string;
  readonly data: DataFolder;
  readonly port: number;
  readonly host: string;
}

/** Several files that are saved together are one edit. */
const settleMs = 80;
/** An edit need not wait for slow requests of the code that it replaces. */
const stopTimeoutMs = 1_000;

/** Runs the app and follows its edits until someone asks it to stop. Returns the exit code. */
export async function developApp(app: AppToDevelop, world: World): Promise<number> {
  const { output, clock } = world;
  const settings = readSettings({ ...world.environment, NODE_ENV: "development" });
  const shutdown = new Shutdown(world);
  try {
    const log = openLog({ level: settings.logLevel, to: prettyStream() });
    const onEvent = (event: Parameters<typeof eventText>[0]) => output.answer(event, eventText(event));
    const database = await openAppDatabase({ settings, data: app.data, log, onEvent }, world);
    shutdown.lastly(() => database.stop());
    app.data.announce({ pid: process.pid, port: app.port, ...database.announced });
    if (shutdown.asked) return 0;

    const order = {
      roles: ["web", "worker"],
      number: 1,
      folder: app.data.path,
      config: app.config,
      port: app.port,
      host: app.host,
      databaseUrl: database.url,
      secret: settings.secret || app.data.secret(),
      development: true,
    } as const;
    const environment = { ...process.env, NODE_ENV: "development" };
    const child = { entry: entryFile, name: "development", environment, output: 2, detached: false, clock } as const;
    const follower = new Follower({
      spawn: (listener) => startChild({ ...child, order }, listener),
      clock,
      settleMs,
      stopTimeoutMs,
      onReady: (facts, pid) => tellReady(app, facts, pid, world),
      onEnded: (end) => tellEnded(end, world),
    });
    shutdown.lastly(() => follower.stop());
    shutdown.onHurry(() => follower.kill());
    const folder = dirname(app.config);
    const onChange = (path: string) => {
      output.answer({ event: "change", file: path }, `changed: ${relative(folder, path)}`);
      follower.changed();
    };
    const unwatch = watchFolder(folder, onChange, app.data.path);
    await shutdown.request;
    unwatch();
    return 0;
  } finally {
    await shutdown.run();
    if (shutdown.asked) output.answer({ event: "stopped" }, "Stopped.");
  }
}

function tellReady({ port, data }: AppToDevelop, facts: ReadyFacts, pid: number, { output }: World): void {
  const { privateUrl, ownerKey } = facts;
  const url = `http://localhost:${port}`;
  const instances = [{ role: "web", url: privateUrl, pid }];
  const ready = { event: "ready", url, port, data: data.path, instances, ...(ownerKey ? { ownerKey } : {}) };
  const key = ownerKey ? `\nThe owner's key, shown this once:\n  ${ownerKey}` : "";
  output.answer(ready, `Ready at ${url}${key}`);
}

function tellEnded(end: InstanceEnd, { output }: World): void {
  const error = end.error
    ? revived(end.error)
    : new TrellisError("start-failed", { says: `The process ended: ${end.says}` });
  output.answer({ ...errorFacts(error), event: "broken" }, `${errorText(error)}\n\nWaiting for the next edit …`);
}
