import { rmSync } from "node:fs";
import { dirname } from "node:path";
import type { GatewayTls } from "../../gateway/port.ts";
import type { Log } from "../../model/log.ts";
import { openLog } from "../../runtime/pino-log.ts";
import { serveControl } from "../../supervisor/control-server.ts";
import type { RunningInstance } from "../../supervisor/place.ts";
import { noState, readState, type SupervisorState } from "../../supervisor/state.ts";
import type { Supervisor } from "../../supervisor/supervisor.ts";
import type { SupervisorEvent } from "../../supervisor/supervisor-event.ts";
import type { AppHere } from "../app-here.ts";
import { type AppDatabase, openAppDatabase } from "../database/app-database.ts";
import { openEngine } from "../database/open-engine.ts";
import { type PreparedDatabase, prepareDatabase } from "../database/prepare-database.ts";
import type { DataFolder } from "../folder/data-folder.ts";
import { controlSocket, runtimeFolder, sweepSockets } from "../folder/runtime-folder.ts";
import { CertificateFolder } from "../gateway/certificate-folder.ts";
import { openTls } from "../gateway/open-tls.ts";
import { eventText, ownerKeyText, readyText } from "../text/start-text.ts";
import type { World } from "../world.ts";
import { type AppScaler, appScaler } from "./app-scaler.ts";
import { appSupervisor, shapeOf } from "./app-supervisor.ts";
import { LogFiles } from "./log-files.ts";
import { Operator } from "./operator.ts";
import { Shutdown } from "./shutdown.ts";

export interface AppToStart extends AppHere {
  readonly data: DataFolder;
  /** What an earlier supervisor has written down. */
  readonly before: SupervisorState;
  readonly port: number;
  readonly host?: string;
}

/** What the supervisor before has left: nothing where it was none of this version's. */
export function stateBefore(data: DataFolder): SupervisorState {
  return readState(data.state() ?? "") ?? noState;
}

/** Runs the app until someone asks it to stop. Returns the exit code. */
export async function startApp(app: AppToStart, world: World): Promise<number> {
  const { settings } = app.plan;
  const { output, clock } = world;
  const log = openLog({ level: settings.logLevel, facts: { role: "supervisor" } });
  const shutdown = new Shutdown(world);
  let untoldKey: string | undefined;
  try {
    const logs = new LogFiles(app.data.logs, clock, (text) => output.relay(text));
    shutdown.lastly(async () => logs.close());
    const onEvent = (event: SupervisorEvent) => output.answer(event, eventText(event));
    const place = { settings, data: app.data, log, onEvent, logFile: logs.path("postgres") };
    const database = await openAppDatabase(place, world);
    shutdown.lastly(() => database.stop());
    const { ownerKey } = await prepare(app, database.url, log, world);
    untoldKey = ownerKey;
    if (shutdown.asked) return 0;

    const secure = await openTls(settings, () => CertificateFolder.in(app.data), log, world);
    shutdown.lastly(async () => secure?.renewal?.close());
    const surroundings = { database, logs, log, onEvent, shutdown, ...(secure ? { tls: secure.tls } : {}) };
    const { supervisor, scaling } = await openSupervisor(app, surroundings, world);
    const opened = supervisor.open(releaseToRun(app, supervisor));
    const instances = await Promise.race([opened, shutdown.request]);
    if (instances) {
      tellReady(app, secure?.tls.port, instances, ownerKey, world);
      untoldKey = undefined;
      secure?.renewal?.begin();
      rollOver(supervisor, log);
      scaling.scaler.start();
      await shutdown.request;
    } else opened.catch(() => undefined);
    return 0;
  } finally {
    // It is made once: a first start that fails, or is stopped, must not take it along.
    if (untoldKey) output.answer({ event: "ownerKey", ownerKey: untoldKey }, ownerKeyText(untoldKey));
    await shutdown.run();
    if (shutdown.asked) output.answer({ event: "stopped" }, "Stopped.");
  }
}

interface Surroundings {
  readonly database: AppDatabase;
  readonly logs: LogFiles;
  readonly log: Log;
  readonly onEvent: (event: SupervisorEvent) => void;
  readonly shutdown: Shutdown;
  readonly tls?: GatewayTls;
}

/** The supervisor, with everything by which it is stopped, hurried and asked. */
async function openSupervisor(
  app: AppToStart,
  { database, logs, log, onEvent, shutdown, tls }: Surroundings,
  world: World,
): Promise<{ readonly supervisor: Supervisor; readonly scaling: AppScaler }> {
  const { data, plan, before, port, host, config } = app;
  const sockets = runtimeFolder(data.path);
  sweepSockets(sockets, usedSockets(before));
  shutdown.lastly(async () => rmSync(sockets, { recursive: true, force: true }));
  const supervisor: Supervisor = appSupervisor(
    {
      plan,
      data,
      before,
      port,
      ...(host === undefined ? {} : { host }),
      ...(tls === undefined ? {} : { tls }),
      databaseUrl: database.url,
      sockets,
      logs,
      log,
      onEvent,
      ranges: () => supervisor.ranges,
      onWanted: (pool) => scaling.scaler.wanted(pool),
      configOf: (release) => supervisor.releases.find(({ number }) => number === release)?.config ?? config,
    },
    world,
  );
  shutdown.lastly(() => supervisor.stop());
  const scaling = appScaler(
    { supervisor, data, databaseUrl: database.url, settings: plan.settings, log, onEvent },
    world,
  );
  shutdown.lastly(() => scaling.close());
  shutdown.onHurry(() => supervisor.kill());
  const operator = new Operator(
    {
      settings: plan.settings,
      data,
      port,
      supervisor,
      scaling,
      databaseUrl: database.url,
      log,
      stop: () => shutdown.ask(),
    },
    world,
  );
  const control = controlSocket(sockets);
  const server = await serveControl(control, (request, step) => operator.handle(request, step));
  shutdown.lastly(async () => void server.close());
  data.announce({ pid: process.pid, port, control, ...database.announced });
  return { supervisor, scaling };
}

/** The sockets of processes that may still listen. */
function usedSockets({ instances, gateways }: SupervisorState): ReadonlySet<string> {
  return new Set([
    ...instances.flatMap(({ framesSocket }) => framesSocket ?? []),
    ...gateways.map(({ control }) => control),
  ]);
}

/** The one that was deployed last; else the folder in which the command was given, as it is. */
function releaseToRun({ config, plan }: AppToStart, { current, nextRelease }: Supervisor) {
  const shape = shapeOf(plan);
  if (current?.config === config) return { ...current, shape };
  return { number: nextRelease, from: `the folder ${dirname(config)}`, config, copied: false, shape };
}

/** What an earlier supervisor has started writes to nobody's pipes, and may be of yesterday's code. */
function rollOver(supervisor: Supervisor, log: Log): void {
  supervisor.rollOver().catch((error: unknown) => {
    log.error("what was left running is not replaced, and goes on as it is", { error });
  });
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
  tlsPort: number | undefined,
  running: readonly RunningInstance[],
  ownerKey: string | undefined,
  { output }: World,
): void {
  const ready = {
    event: "ready",
    url: plan.settings.origin || (tlsPort === undefined ? `http://localhost:${port}` : `https://localhost:${tlsPort}`),
    port,
    data: data.path,
    instances: running.map(({ role, privateUrl, pid }) => ({ role, url: privateUrl, pid })),
    ...(ownerKey === undefined ? {} : { ownerKey }),
  } as const;
  output.answer(ready, readyText(ready, plan));
}
