import type { RoutingTable } from "../gateway/port.ts";
import type { Log } from "../model/log.ts";
import { adoptProcess } from "./adopted-process.ts";
import type { KeptGateway } from "./kept-gateway.ts";
import { isSamePlace, Place, type PlaceName, type PlaceParts, type PlaceStart } from "./place.ts";
import { type RoutedInstance, routingTable, type TableFacts } from "./routing-table.ts";
import type { InstanceRecord } from "./state.ts";

export interface FleetParts extends Omit<PlaceParts, "nameProcess" | "onChange"> {
  /** The number of the next process. */
  readonly nextSerial: () => number;
  /** Where the gateway asks the instance of that id; at most 107 bytes long. */
  readonly socketFor: (id: string) => string;
  readonly gateways: () => readonly KeptGateway[];
  readonly routes: () => Pick<TableFacts, "shape" | "paused" | "mayRest" | "canary">;
  /** What an instance has begun is waited for this long. */
  readonly drainMs: number;
  readonly log: Log;
  /** Places or their processes have changed. */
  readonly onChange: () => void;
}

/** Every instance of the machine, and which of them the gateways ask. */
export class Fleet {
  readonly #parts: FleetParts;
  readonly #places = new Set<Place>();
  /** They get nothing new and are waited for. */
  readonly #retiring = new Map<Place, Promise<void>>();
  /** Those that stood in a table: gateways tell of no others that they are drained. */
  readonly #asked = new Set<string>();
  /** The releases whose instances are asked. */
  readonly #serving = new Set<number>();
  #version = 0;
  #routed = "";

  constructor(parts: FleetParts) {
    this.#parts = parts;
  }

  get records(): readonly InstanceRecord[] {
    return [...this.#places].flatMap(({ record }) => (record ? [record] : []));
  }

  /** Those of a release, or all; in the order in which they were opened. */
  places(release?: number): readonly Place[] {
    const all = [...this.#places];
    return release === undefined ? all : all.filter(({ name }) => name.release === release);
  }

  /** Those that are to stay. */
  staying(release: number): readonly Place[] {
    return this.places(release).filter((place) => !this.#retiring.has(place) && place.state !== "gone");
  }

  isRetiring(place: Place): boolean {
    return this.#retiring.has(place);
  }

  open(name: PlaceName): Place {
    return this.#add(new Place(name, this.#placeParts()));
  }

  /** Whether an instance is there that is to stay. */
  isTaken(name: PlaceName): boolean {
    return this.staying(name.release).some((place) => isSamePlace(place.name, name));
  }

  /** Opens those of the places that are missing. */
  fill(names: readonly PlaceName[]): readonly Place[] {
    return names.filter((name) => !this.isTaken(name)).map((name) => this.open(name));
  }

  /** Has these places and no others: opens those that are missing, and retires the rest. */
  become(names: readonly PlaceName[]): void {
    this.fill(names);
    for (const place of this.#places) if (!names.some((name) => isSamePlace(place.name, name))) void this.retire(place);
  }

  /** Retires those of a release's instances that are at none of these places. Resolves when they are gone. */
  async clear(release: number, names: readonly PlaceName[]): Promise<void> {
    const surplus = this.staying(release).filter((place) => !names.some((name) => isSamePlace(place.name, name)));
    await Promise.all(surplus.map((place) => this.retire(place)));
  }

  /** Goes on with an instance that an earlier supervisor has started; undefined for one that was not ready then. */
  adopt(record: InstanceRecord): Place | undefined {
    const { facts } = record;
    if (!facts) return undefined;
    const adopt = (ended: (says: string) => void) => adoptProcess(record, this.#parts.clock, ended);
    return this.#add(new Place(record, this.#placeParts(), { record: { ...record, facts }, adopt }));
  }

  /** Whether the gateways ask the ready instances of this release. */
  serve(release: number, served: boolean): Promise<void> {
    if (served) this.#serving.add(release);
    else this.#serving.delete(release);
    return this.publish();
  }

  /** Takes an instance out: it gets nothing new, answers what it has, and ends. Resolves when it is gone. */
  retire(place: Place): Promise<void> {
    let retired = this.#retiring.get(place);
    if (!retired) {
      retired = this.#retire(place);
      this.#retiring.set(place, retired);
    }
    return retired;
  }

  /** Forgets a place whose process never served. */
  forget(place: Place): void {
    this.#places.delete(place);
    this.#parts.onChange();
  }

  /** Tells the gateways where requests go, where that has changed. */
  async publish(): Promise<void> {
    const { clock, routes, gateways } = this.#parts;
    const instances = this.#instances();
    for (const { id } of instances) this.#asked.add(id);
    const routed = JSON.stringify([instances, routes()]);
    if (routed === this.#routed) return;
    this.#routed = routed;
    // Grows also across supervisors, whatever the last one has written down.
    this.#version = Math.max(this.#version + 1, clock.now());
    const table = this.table();
    await Promise.all(gateways().map((gateway) => gateway.apply(table)));
  }

  /** The present one. */
  table(): RoutingTable {
    return routingTable({ ...this.#parts.routes(), version: this.#version, instances: this.#instances() });
  }

  /**
   * Ends all, while the gateways are stopped: as soon as these wait for nothing but what has no end of its own, WebSockets
   * and streams of events, which it is for their instances to end well.
   */
  async stop(): Promise<void> {
    await Promise.all(this.#parts.gateways().map(({ answered }) => answered));
    await Promise.all([...this.#places].map((place) => place.stop()));
  }

  kill(): void {
    for (const place of this.#places) place.kill();
  }

  async #retire(place: Place): Promise<void> {
    const { clock, drainMs, gateways } = this.#parts;
    const id = place.record?.id;
    if (id !== undefined && this.#asked.has(id)) {
      // Everyone who marks a place in this turn does so in one table.
      await Promise.resolve();
      await this.publish().catch((error: unknown) => this.#refused(error));
      const late = Promise.withResolvers<void>();
      const timer = clock.after(drainMs, () => late.resolve());
      await Promise.race([Promise.all(gateways().map((gateway) => gateway.drained([id]))), late.promise]);
      timer.cancel();
    }
    await place.stop();
    if (id !== undefined) this.#asked.delete(id);
    this.#places.delete(place);
    this.#retiring.delete(place);
    this.#changed();
  }

  #add(place: Place): Place {
    this.#places.add(place);
    this.#changed();
    return place;
  }

  #changed(): void {
    void this.publish().catch((error: unknown) => this.#refused(error));
    this.#parts.onChange();
  }

  #refused(error: unknown): void {
    this.#parts.log.error("a gateway does not take the routing table", { error });
  }

  #placeParts(): PlaceParts {
    const onChange = (place: Place) => {
      if (this.#places.has(place)) this.#changed();
    };
    return { ...this.#parts, onChange, nameProcess: (name) => this.#nameProcess(name) };
  }

  #nameProcess(name: PlaceName): PlaceStart {
    const { nextSerial, socketFor } = this.#parts;
    const { pool, role, number, release, answers } = name;
    const id = `${pool}-${number}@${release}.${nextSerial()}`;
    return { pool, role, number, release, answers, id, ...(answers ? { framesSocket: socketFor(id) } : {}) };
  }

  #instances(): readonly RoutedInstance[] {
    return [...this.#places].flatMap((place) => {
      const { record, state } = place;
      if (state !== "ready" || !record?.framesSocket) return [];
      // One that goes stays until its last answer, also where its release is no longer asked.
      const isLeaving = this.#retiring.has(place) && this.#asked.has(record.id);
      if (!isLeaving && !this.#serving.has(record.release)) return [];
      const { id, pool, release, framesSocket } = record;
      return [{ id, pool, release, framesSocket, draining: this.#retiring.has(place) }];
    });
  }
}
