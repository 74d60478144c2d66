import type { GatewayFigures, GatewayStart, RoutingTable } from "../gateway/port.ts";
import type { Clock, Random, Timer } from "../model/clock.ts";
import { TrellisError } from "../model/errors.ts";
import type { Purge } from "../model/purge.ts";
import { decideRestart, neverStarted, type RestartState } from "../policies/restart.ts";
import { adoptProcess } from "./adopted-process.ts";
import { GatewayLink } from "./gateway-link.ts";
import { startGatewayProcess } from "./gateway-process.ts";
import type { InstanceEnd, InstanceError, InstanceProcess } from "./instance-process.ts";
import type { LeaseDesk } from "./lease-desk.ts";
import { bornAt } from "./process-identity.ts";
import { gatewayFailed } from "./start-failed.ts";
import type { GatewayRecord } from "./state.ts";
import type { SupervisorEvent } from "./supervisor-event.ts";

export interface GatewayParts {
  readonly name: string;
  /** How its next process is started, with a control socket of its own. */
  readonly startFor: (name: string, table: RoutingTable) => GatewayStart;
  /** The file of code that gateways run. */
  readonly entry: string;
  /** The descriptor of the file that its log is written to. */
  readonly logTo: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly table: () => RoutingTable;
  /** Where the tokens are of the rate limits that the gateways of this machine share. */
  readonly leases: LeaseDesk;
  /** Another process is the gateway now. */
  readonly onChange: () => void;
  readonly onWanted: (pool: string) => void;
  readonly onEvent: (event: SupervisorEvent) => void;
}

/** A gateway's process and the way to it. */
interface Present {
  readonly record: GatewayRecord;
  readonly process: InstanceProcess;
  readonly link: GatewayLink;
}

/** A gateway, kept running: a process that ends is followed by another. */
export class KeptGateway {
  readonly #parts: GatewayParts;
  readonly #first = Promise.withResolvers<number>();
  readonly #empty = Promise.withResolvers<void>();
  readonly #answered = Promise.withResolvers<void>();
  /** What was told to be drained, since it was last in a table as draining. */
  readonly #drained = new Set<string>();
  readonly #waiting = new Set<() => void>();
  #present: Present | undefined;
  #starting: InstanceProcess | undefined;
  #replacing: Promise<void> | undefined;
  /** The one that drains, since another has taken its place. */
  #predecessor: { readonly process: InstanceProcess; readonly gone: () => void } | undefined;
  #reached = false;
  #everReady = false;
  #restart: RestartState = neverStarted;
  #timer: Timer | undefined;
  #stopping = false;

  constructor(parts: GatewayParts, adopted?: GatewayRecord) {
    this.#parts = parts;
    this.#first.promise.catch(() => undefined);
    if (adopted) this.#follow(adopted, this.#watched(adopted));
    else this.#start();
  }

  /** Its port, as soon as it serves. Rejects where the first process never did. */
  get ready(): Promise<number> {
    return this.#first.promise;
  }

  get record(): GatewayRecord | undefined {
    return this.#present?.record;
  }

  /** The latest; undefined while it is not reached. */
  get figures(): GatewayFigures | undefined {
    return this.#present?.link.figures;
  }

  /** Resolves when requests go where the table says, or later, when it is reached. Throws `gateway-refused`. */
  async apply(table: RoutingTable): Promise<void> {
    for (const { upstreams } of table.pools)
      for (const { id, draining } of upstreams) if (!draining) this.#drained.delete(id);
    if (!this.#reached || !this.#present) return;
    try {
      await this.#present.link.apply(table);
    } catch (error) {
      // It is given the table again as soon as it is reached.
      if (this.#reached) throw error;
    }
  }

  /** Resolves when it is done; one that is only just starting keeps nothing yet. Throws `unavailable` where it is not reached. */
  async purge(purge: Purge): Promise<void> {
    await this.#present?.link.purge(purge);
  }

  /** Resolves when everything that these were asked by it is answered. Whoever is not reached has told nobody to wait. */
  async drained(upstreams: readonly string[]): Promise<void> {
    while (this.#reached && !upstreams.every((id) => this.#drained.has(id)))
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** Another process of today's code takes its place, with no connection refused meanwhile. Resolves when it is gone. */
  replace(): Promise<void> {
    this.#replacing = this.#replace();
    return this.#replacing;
  }

  /** Resolves when it has been stopped, and has answered everything but what has no end of its own. */
  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  /** Lets it answer what it has begun. Resolves when it is gone. */
  async stop(drainMs: number): Promise<void> {
    // A successor that is on its way would be nobody's.
    await this.#replacing?.catch(() => undefined);
    this.#stopping = true;
    this.#timer?.cancel();
    if (!this.#present && !this.#starting) {
      this.#answered.resolve();
      return;
    }
    await this.#present?.link.stop(drainMs).catch(() => this.#present?.process.drain());
    this.#starting?.drain();
    const late = this.#parts.clock.after(drainMs + closeMs, () => this.kill());
    await this.#empty.promise;
    late.cancel();
  }

  kill(): void {
    this.#present?.process.kill();
    this.#starting?.kill();
    this.#predecessor?.process.kill();
  }

  async #replace(): Promise<void> {
    const before = this.#present;
    if (!before || !this.#reached || this.#stopping) return;
    const { startFor, name, table, entry } = this.#parts;
    const start = startFor(name, table());
    await before.link.succeed(start, entry);
    await this.#reachSuccessor(start, before);
    const gone = new Promise<void>((resolve) => {
      this.#predecessor = { process: before.process, gone: resolve };
    });
    await before.link.stop(drainMs).catch(() => before.process.drain());
    before.link.close();
    await gone;
  }

  /** Resolves when it is the present one. Throws `start-failed` where it is not reached, or comes too late. */
  async #reachSuccessor({ control, port }: GatewayStart, before: Present): Promise<void> {
    const { name, clock, onChange } = this.#parts;
    const reached = Promise.withResolvers<void>();
    const link = this.#connect(control, (pid) => {
      if (this.#present?.link === link) return;
      // The one before has crashed meanwhile, and is followed by another already.
      if (this.#present !== before) return void link.stop(0).then(() => reached.reject(noSuccessor()), reached.reject);
      const record = { name, control, port, pid, born: bornAt(pid) ?? "" };
      this.#present = { record, process: this.#watched(record), link };
      onChange();
      reached.resolve();
    });
    const late = clock.after(readyMs, () => reached.reject(noSuccessor()));
    try {
      await reached.promise;
    } catch (error) {
      link.close();
      throw error;
    } finally {
      late.cancel();
    }
  }

  #start(): void {
    const { startFor, name, table, entry, logTo, clock } = this.#parts;
    const start = startFor(name, table());
    const child = startGatewayProcess({ entry, start, logTo });
    const { pid } = child;
    const process = { pid, drain: () => child.kill("SIGTERM"), kill: () => child.kill("SIGKILL") };
    let failure: InstanceError | undefined;
    void child.ready.then(
      ({ port }) => {
        this.#starting = undefined;
        this.#follow({ name, control: start.control, port, pid, born: bornAt(pid) ?? "" }, process);
      },
      (error: unknown) => {
        if (error instanceof TrellisError) failure = { code: error.code, says: error.message, cure: error.cure };
      },
    );
    // Why it failed is known a moment after its end.
    void child.ended
      .then((says) =>
        child.ready.then(
          () => says,
          () => says,
        ),
      )
      .then((says) => this.#ended(pid, { says, ...(failure ? { error: failure } : {}) }));
    this.#starting = process;
    this.#timer = clock.after(readyMs, () => process.kill());
  }

  #watched(record: GatewayRecord): InstanceProcess {
    return adoptProcess(record, this.#parts.clock, (says) => this.#ended(record.pid, { says }));
  }

  #follow(record: GatewayRecord, process: InstanceProcess): void {
    const { clock, random, onChange } = this.#parts;
    this.#timer?.cancel();
    this.#everReady = true;
    this.#restart = decideRestart(this.#restart, "ready", clock.now(), random).state;
    this.#present = { record, process, link: this.#connect(record.control) };
    onChange();
  }

  #connect(socket: string, onReached: (pid: number) => void = () => undefined): GatewayLink {
    const { clock, leases, onWanted, table } = this.#parts;
    const link: GatewayLink = new GatewayLink({
      socket,
      clock,
      leases,
      listener: {
        connected: ({ pid }) => {
          onReached(pid);
          if (this.#present?.link !== link) return;
          this.#reached = true;
          void link.apply(table()).then(
            () => this.#first.resolve(this.#present?.record.port ?? 0),
            (error) => this.#first.reject(error),
          );
        },
        lost: () => {
          if (this.#present?.link !== link) return;
          this.#reached = false;
          this.#wake();
        },
        wanted: onWanted,
        drained: (upstream) => {
          if (this.#present?.link !== link) return;
          this.#drained.add(upstream);
          this.#wake();
        },
        answered: () => {
          if (this.#stopping) this.#answered.resolve();
        },
      },
    });
    return link;
  }

  #ended(pid: number, end: InstanceEnd): void {
    const { clock, random, onEvent, onChange } = this.#parts;
    if (pid === this.#predecessor?.process.pid) this.#predecessor.gone();
    if (pid !== this.#present?.process.pid && pid !== this.#starting?.pid) return;
    this.#timer?.cancel();
    this.#present?.link.close();
    this.#present = undefined;
    this.#starting = undefined;
    this.#reached = false;
    this.#wake();
    if (this.#stopping || !this.#everReady) {
      this.#first.reject(gatewayFailed(end));
      this.#empty.resolve();
      this.#answered.resolve();
      return;
    }
    onChange();
    const { state, restartInMs = 0 } = decideRestart(this.#restart, "ended", clock.now(), random);
    this.#restart = state;
    const because = end.error ? `${end.error.says} (${end.says})` : end.says;
    onEvent({ event: "restart", role: "gateway", pid, because, inMs: restartInMs });
    this.#timer = clock.after(restartInMs, () => this.#start());
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

function noSuccessor(): TrellisError {
  return new TrellisError("start-failed", { says: "The gateway's successor did not take its place" });
}

/** It loads little: a second, on a busy machine a few. */
const readyMs = 30_000;
/** How long a predecessor may take to answer what it has begun. */
const drainMs = 30_000;
/** Beyond the drain. */
const closeMs = 4_000;
