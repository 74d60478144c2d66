import type { GatewayFigures, GatewayStart, RoutingTable } from "../gateway/port.ts";
import type { Clock, Random, Timer } from "../model/clock.ts";
import { TrellisError } from "../model/errors.ts";
import type { Purge } from "../model/purge.ts";
import { decideRestart, neverStarted, type RestartState } from "../policies/restart.ts";
import type { Family } from "../telemetry/family.ts";
import { GatewayLink } from "./gateway-link.ts";
import { type GatewayProcess, startGatewayProcess } from "./gateway-process.ts";
import { LeaseDesk } from "./lease-desk.ts";

export type GatewayEvent =
  | { readonly event: "gateway"; readonly name: string; readonly pid: number }
  | {
      readonly event: "restart";
      readonly role: "gateway";
      readonly name: string;
      readonly pid: number;
      readonly because: string;
      readonly inMs: number;
    };

export interface GatewayFleetOptions {
  /** The command's own file of code. */
  readonly entry: string;
  readonly count: number;
  /** What the gateway of this number, counted from 1, is to be; asked again when it is started again. */
  readonly startFor: (number: number, table: RoutingTable) => GatewayStart;
  readonly table: RoutingTable;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvent: (event: GatewayEvent) => void;
}

/** Where requests can be made. */
export interface GatewayPorts {
  readonly port: number;
  readonly tlsPort?: number;
}

/** Gateway processes that end with this one: started, started again when they crash, told the same. */
export class GatewayFleet {
  readonly #options: GatewayFleetOptions;
  readonly #leases: LeaseDesk;
  readonly #places: readonly Place[];
  #table: RoutingTable;

  constructor(options: GatewayFleetOptions) {
    this.#options = options;
    this.#table = options.table;
    this.#leases = new LeaseDesk(options.clock);
    this.#places = Array.from({ length: options.count }, (_, index) => this.#makePlace(index + 1));
  }

  /** Resolves when all of them serve. Rejects with what keeps one from it. */
  async open(): Promise<GatewayPorts> {
    const [first] = await Promise.all(this.#places.map((place) => place.begin()));
    if (first === undefined) throw new TypeError("There is at least one gateway");
    const { port, tlsPort } = first;
    return { port, ...(tlsPort === undefined ? {} : { tlsPort }) };
  }

  /** Resolves when requests go where the table says, in all that are reached; the others begin with it. */
  async apply(table: RoutingTable): Promise<void> {
    this.#table = table;
    await Promise.all(this.#places.map((place) => place.apply(table)));
  }

  async purge(purge: Purge): Promise<void> {
    await Promise.all(this.#places.map((place) => place.link?.purge(purge)));
  }

  /** What Prometheus is told of each that is reached. */
  async look(): Promise<readonly (readonly Family[])[]> {
    const looks = await Promise.allSettled(this.#places.flatMap(({ link }) => link?.look() ?? []));
    return looks.flatMap((look) => (look.status === "fulfilled" ? [look.value] : []));
  }

  /** Of those that are reached, the latest. */
  get figures(): readonly GatewayFigures[] {
    return this.#places.flatMap(({ link }) => link?.figures ?? []);
  }

  /** Has all of them drain. Resolves when they have ended, of which no more than `drainMs` is given. */
  async stop(drainMs: number): Promise<void> {
    await Promise.all(this.#places.map((place) => place.stop(drainMs)));
  }

  /** Ends them at once. */
  kill(): void {
    for (const place of this.#places) place.kill();
  }

  #makePlace(number: number): Place {
    const { entry, startFor, clock, random, onEvent } = this.#options;
    const leases = this.#leases;
    return new Place({
      entry,
      start: () => startFor(number, this.#table),
      table: () => this.#table,
      leases,
      clock,
      random,
      onEvent,
    });
  }
}

interface PlaceOptions extends Pick<GatewayFleetOptions, "entry" | "clock" | "random" | "onEvent"> {
  readonly start: () => GatewayStart;
  readonly table: () => RoutingTable;
  readonly leases: LeaseDesk;
}

/** One of them, through all its restarts. */
class Place {
  readonly #options: PlaceOptions;
  link: GatewayLink | undefined;
  #process: GatewayProcess | undefined;
  #restarts: RestartState = neverStarted;
  #restart: Timer | undefined;
  #ending = false;

  constructor(options: PlaceOptions) {
    this.#options = options;
  }

  async begin(): Promise<GatewayPorts> {
    const { entry, clock, onEvent } = this.#options;
    const start = this.#options.start();
    const process = startGatewayProcess({ entry, start, logTo: 2 });
    this.#process = process;
    void process.ended.then((because) => this.#ended(start.name, process.pid, because));
    const ready = await process.ready;
    onEvent({ event: "gateway", name: start.name, pid: process.pid });
    this.#restarts = decideRestart(this.#restarts, "ready", clock.now(), this.#options.random).state;
    await this.#reach(start.control);
    return ready;
  }

  async apply(table: RoutingTable): Promise<void> {
    await this.link?.apply(table).catch((error: unknown) => {
      // One that is not reached gets the present table as soon as it is.
      if (!(error instanceof TrellisError) || error.code !== "unavailable") throw error;
    });
  }

  async stop(drainMs: number): Promise<void> {
    this.#ending = true;
    this.#restart?.cancel();
    const process = this.#process;
    if (!process) return;
    const late = this.#options.clock.after(drainMs + killAfterMs, () => process.kill("SIGKILL"));
    await this.link?.stop(drainMs).catch(() => process.kill("SIGTERM"));
    if (!this.link) process.kill("SIGTERM");
    await process.ended;
    late.cancel();
  }

  kill(): void {
    this.#ending = true;
    this.#process?.kill("SIGKILL");
  }

  /** Resolves when it can be told what to do, or has ended before that. */
  #reach(socket: string): Promise<void> {
    const { clock, leases, table } = this.#options;
    return new Promise((resolve) => {
      void this.#process?.ended.then(() => resolve());
      const connected = () => {
        // What has changed while it was being started.
        void link.apply(table()).catch(() => undefined);
        resolve();
      };
      const link = new GatewayLink({ socket, clock, leases, listener: { connected } });
      this.link = link;
    });
  }

  #ended(name: string, pid: number, because: string): void {
    const { clock, random, onEvent } = this.#options;
    const served = this.link !== undefined;
    this.link?.close();
    this.link = undefined;
    this.#process = undefined;
    // At the very first start it is the caller's to say what happens.
    if (this.#ending || (!served && this.#restarts === neverStarted)) return;
    const { state, restartInMs = 0 } = decideRestart(this.#restarts, "ended", clock.now(), random);
    this.#restarts = state;
    onEvent({ event: "restart", role: "gateway", name, pid, because, inMs: restartInMs });
    this.#restart = clock.after(restartInMs, () => void this.begin().catch(() => undefined));
  }
}

/** Beyond the drain: what closing takes. */
const killAfterMs = 2_000;
