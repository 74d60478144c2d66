import { dirname, join } from "node:path";
import type { GatewayTls } from "../../gateway/port.ts";
import type { Log } from "../../model/log.ts";
import type { Plan } from "../../model/plan.ts";
import { beginRollout, decideRollout } from "../../policies/rollout/decide-rollout.ts";
import { startChild } from "../../supervisor/child-spawn.ts";
import { KeptGateway } from "../../supervisor/kept-gateway.ts";
import { LeaseDesk } from "../../supervisor/lease-desk.ts";
import type { PlaceStart } from "../../supervisor/place.ts";
import { isAlive, signalProcess } from "../../supervisor/process-identity.ts";
import type { GatewayRecord, ReleaseShape, SupervisorState } from "../../supervisor/state.ts";
import { type GatewayOwner, Supervisor } from "../../supervisor/supervisor.ts";
import type { SupervisorEvent } from "../../supervisor/supervisor-event.ts";
import { entryFile } from "../entry-file.ts";
import type { DataFolder } from "../folder/data-folder.ts";
import { controlSocket } from "../folder/runtime-folder.ts";
import { releaseEntry } from "../releases/release-entry.ts";
import type { World } from "../world.ts";
import type { LogFiles } from "./log-files.ts";

export interface AppSupervisorParts {
  readonly plan: Plan;
  readonly data: DataFolder;
  readonly before: SupervisorState;
  readonly port: number;
  readonly host?: string;
  readonly tls?: GatewayTls;
  readonly databaseUrl: string;
  /** The folder for sockets. */
  readonly sockets: string;
  readonly logs: LogFiles;
  readonly log: Log;
  readonly onEvent: (event: SupervisorEvent) => void;
  /** A request waits for an instance of a pool that has none. */
  readonly onWanted: (pool: string) => void;
  /** The `trellis.config.ts` of a release. */
  readonly configOf: (release: number) => string;
  /** What was asked for with `trellis scale`, by group. */
  readonly ranges: () => SupervisorState["scale"];
}

/** Beyond the drain: what an instance needs to close its pools, before it is ended by force. */
const closeMs = 4_000;

/** The supervisor of an app on this machine: with its processes, its files and its sockets. */
export function appSupervisor(parts: AppSupervisorParts, { clock, random }: World): Supervisor {
  const { plan, data, before, sockets, logs, log, onEvent } = parts;
  const { settings } = plan;
  let saved = "";
  return new Supervisor({
    before,
    save: (state) => {
      const text = JSON.stringify(state, undefined, 2);
      if (text === saved) return;
      try {
        data.saveState(text);
        saved = text;
      } catch (error) {
        // As on a full disk: what runs goes on, and the next change tries again.
        log.error("what runs cannot be written down, for a supervisor that comes after this one", { error });
      }
    },
    openGateways: (owner) => openGateways(parts, owner, { clock, random }),
    beginRollout,
    decideRollout,
    soakMs: settings.soakMs,
    drainMs: settings.drainTimeoutMs,
    start: (start, listener) => {
      const name = `${start.pool}-${start.number}`;
      const config = parts.configOf(start.release);
      return startChild(
        {
          entry: releaseEntry(dirname(config)) ?? entryFile,
          name: start.id,
          order: orderOf(start, config, parts),
          output: logs.descriptor(name),
          detached: true,
          clock,
        },
        listener,
      );
    },
    socketFor: (id) => join(sockets, `${id}.frames`),
    clock,
    random,
    log,
    startTimeoutMs: settings.startTimeoutMs,
    stopTimeoutMs: settings.drainTimeoutMs + closeMs,
    onEvent,
  });
}

/** What the supervisor must know of the app. */
export function shapeOf({ services, groups }: Pick<Plan, "services" | "groups">): ReleaseShape {
  const names = services.map(({ contract }) => contract.name);
  const withPages = services.find(({ pages }) => pages)?.contract.name;
  return { services: names, home: withPages ?? names[0] ?? "", groups };
}

function orderOf({ role, pool, number, framesSocket }: PlaceStart, config: string, parts: AppSupervisorParts) {
  const { data, databaseUrl, plan, sockets } = parts;
  return {
    roles: [role],
    group: pool,
    number,
    folder: data.path,
    config,
    databaseUrl,
    secret: plan.settings.secret || data.secret(),
    control: controlSocket(sockets),
    ranges: parts.ranges(),
    ...(framesSocket === undefined ? {} : { framesSocket }),
  };
}

function openGateways(
  { plan, data, before, port, host, tls, sockets, logs, onEvent, onWanted }: AppSupervisorParts,
  { table, nextSerial, onChange }: GatewayOwner,
  { clock, random }: Pick<World, "clock" | "random">,
): readonly KeptGateway[] {
  const { gateways: count, edgeBytesMax, accessLog } = plan.settings;
  const living = before.gateways.filter((gateway) => isAlive(gateway) && gateway.port === port);
  const leases = new LeaseDesk(clock);
  const names = Array.from({ length: count }, (_, index) => `gateway-${index + 1}`);
  endOthers(
    before.gateways,
    living.filter(({ name }) => names.includes(name)),
  );
  return names.map(
    (name) =>
      new KeptGateway(
        {
          name,
          entry: entryFile,
          logTo: logs.descriptor(name),
          startFor: (_name, present) => ({
            name,
            control: join(sockets, `${name}.${nextSerial()}.control`),
            port,
            ...(host === undefined ? {} : { host }),
            ...(tls === undefined ? {} : { tls }),
            ...(accessLog === "" ? {} : { accessLog }),
            ...(count > 1 ? { sharesPorts: true } : {}),
            data: data.path,
            edgeBytesMax,
            table: present,
            alone: "serves",
          }),
          clock,
          random,
          table,
          leases,
          onChange,
          onWanted,
          onEvent,
        },
        living.find((gateway) => gateway.name === name),
      ),
  );
}

/** Gateways of an earlier supervisor that are one too many, or on another port. */
function endOthers(all: readonly GatewayRecord[], kept: readonly GatewayRecord[]): void {
  for (const gateway of all) if (!kept.includes(gateway)) signalProcess(gateway, "SIGTERM");
}
