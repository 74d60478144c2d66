import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GatewayStart, GatewayTls, RoutingTable } from "../../gateway/port.ts";
import { TrellisError } from "../../model/errors.ts";
import { type GatewayEvent, GatewayFleet, type GatewayPorts } from "../../supervisor/gateway-fleet.ts";
import { entryFile } from "../entry-file.ts";
import { lives } from "../folder/whole-file.ts";
import { errorFacts, errorText } from "../output.ts";
import { Shutdown } from "../running/shutdown.ts";
import type { World } from "../world.ts";
import { openAdmin } from "./open-admin.ts";

export interface GatewayRun {
  /** Makes the table of that version. Called again for each SIGHUP where it may have changed. */
  readonly table: (version: number) => RoutingTable;
  readonly reloads: boolean;
  readonly processes: number;
  readonly port: number;
  readonly host: string | undefined;
  readonly tls: GatewayTls | undefined;
  readonly edgeBytesMax: number;
  readonly accessLog: string | undefined;
  readonly adminPort: number | undefined;
  readonly drainMs: number;
  readonly onReady: () => void;
}

/** Runs gateways alone before origins that run elsewhere, until someone asks them to stop. Returns the exit code. */
export async function runGateway(run: GatewayRun, world: World): Promise<number> {
  const { output, clock, random } = world;
  let version = 1;
  const table = run.table(version);
  let reload: () => void = () => undefined;
  const shutdown = new Shutdown(world, run.reloads ? () => reload() : undefined);
  try {
    const folder = makeSocketFolder();
    shutdown.lastly(async () => rmSync(folder, { recursive: true, force: true }));
    const fleet = new GatewayFleet({
      entry: entryFile,
      count: run.processes,
      table,
      startFor: (number, current) => startOf(run, folder, number, current),
      clock,
      random,
      onEvent: (event) => output.answer(event, eventText(event)),
    });
    shutdown.lastly(() => fleet.stop(run.drainMs));
    shutdown.onHurry(() => fleet.kill());
    const ports = await fleet.open();
    const admin =
      run.adminPort === undefined
        ? undefined
        : await openAdmin({
            port: run.adminPort,
            figures: () => fleet.figures,
            look: () => fleet.look(),
            purge: (purge) => fleet.purge(purge),
          });
    shutdown.lastly(async () => admin?.close());
    reload = () => {
      version += 1;
      void reloadTable(run, fleet, version, world);
    };
    const url = addressOf(run, ports);
    output.answer(
      { event: "ready", url, ...ports, ...(admin ? { admin: admin.url } : {}) },
      readyText(url, table, admin?.url),
    );
    run.onReady();
    await shutdown.request;
    return 0;
  } finally {
    await shutdown.run();
    if (shutdown.asked) output.answer({ event: "stopped" }, "Stopped.");
  }
}

function startOf(run: GatewayRun, folder: string, number: number, table: RoutingTable): GatewayStart {
  const { port, host, tls, edgeBytesMax, accessLog } = run;
  return {
    name: `gateway-${number}`,
    control: join(folder, `${number}.sock`),
    port,
    ...(host === undefined ? {} : { host }),
    ...(tls === undefined ? {} : { tls }),
    sharesPorts: run.processes > 1,
    edgeBytesMax,
    ...(accessLog === undefined ? {} : { accessLog }),
    table,
    alone: "ends",
  };
}

const folderPrefix = "trellis-gateway-";

/** For the control sockets: short, and nobody else can enter. Those of commands that were killed are removed. */
function makeSocketFolder(): string {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${folderPrefix}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !lives(Number(pid))) sweep(join(tmpdir(), name));
  }
  return mkdtempSync(join(tmpdir(), `${folderPrefix}${process.pid}-`));
}

function sweep(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Another user's.
  }
}

function addressOf(
  { host = "localhost" }: { readonly host?: string | undefined },
  { port, tlsPort }: GatewayPorts,
): string {
  const named = host.includes(":") ? `[${host}]` : host;
  return tlsPort === undefined ? `http://${named}:${port}` : `https://${named}:${tlsPort}`;
}

async function reloadTable(run: GatewayRun, fleet: GatewayFleet, version: number, { output }: World): Promise<void> {
  try {
    await fleet.apply(run.table(version));
    output.answer({ event: "reloaded", version }, "The configuration was read again, and holds.");
  } catch (error) {
    const known = error instanceof TrellisError ? error : new TrellisError("internal", { cause: error });
    output.answer({ event: "refused", ...errorFacts(known) }, `${errorText(known)}\nThe configuration before stays.`);
  }
}

function eventText(event: GatewayEvent): string {
  if (event.event === "gateway") return `${event.name} serves: process ${event.pid}`;
  return `${event.name} ended (process ${event.pid}: ${event.because}); starting again in ${event.inMs} ms`;
}

function readyText(url: string, { pools }: RoutingTable, admin: string | undefined): string {
  const origins = pools.flatMap(({ name, upstreams }) =>
    upstreams.map(({ id, backup }) => `  ${name}: ${id}${backup ? " (backup)" : ""}`),
  );
  const shown = admin === undefined ? [] : [`  figures: ${admin}/metrics and ${admin}/status`];
  return [`Ready at ${url}`, ...origins, ...shown].join("\n");
}
