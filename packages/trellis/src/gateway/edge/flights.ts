import type { Clock } from "../../model/clock.ts";
import { edgeEventHeader } from "../../model/edge-event.ts";
import type { ForwardReason } from "../../policies/http-cache/cache-status.ts";
import { firstLine } from "../../policies/http-cache/fields.ts";
import { selectingKey } from "../../policies/http-cache/vary.ts";
import type { HeaderList, Hop } from "../exchange.ts";
import type { EdgeEvents } from "./events/edge-events.ts";
import type { PlannedEvent } from "./events/planned-event.ts";
import { Flight } from "./flight.ts";
import type { FlightPlan } from "./flight-plan.ts";
import type { Landing } from "./landing.ts";
import { fillingShareMax, unshareableMax, unshareableMs } from "./limits.ts";
import type { Reader } from "./reader.ts";
import { type RouteCount, RouteCounts } from "./route-counts.ts";
import type { EdgeStore } from "./store.ts";

interface FlightsOptions {
  readonly next: Hop;
  readonly clock: Clock;
  readonly store: EdgeStore;
  readonly bodyBytesMax: number;
  readonly events?: EdgeEvents | undefined;
}

/** All requests to the origin that are under way and whose answers may be kept: who may join which, and what was purged. */
export class Flights implements Landing {
  readonly clock: Clock;
  readonly store: EdgeStore;
  readonly counts = new RouteCounts();
  readonly events: EdgeEvents | undefined;
  filling = 0;
  /** How often something was purged or changed: what came meanwhile may be from before. */
  changes = 0;

  readonly #next: Hop;
  readonly #bodyBytesMax: number;
  readonly #all = new Set<Flight>();
  /** Those that others may wait for, by what they ask. */
  readonly #shared = new Map<string, Flight>();
  /** Addresses whose answers are not for all, with the time until which that is taken for granted. */
  readonly #unshareable = new Map<string, number>();

  constructor({ next, clock, store, bodyBytesMax, events }: FlightsOptions) {
    this.clock = clock;
    this.store = store;
    this.events = events;
    this.#next = next;
    this.#bodyBytesMax = Math.min(bodyBytesMax, store.bytesMax);
  }

  /** Readers of all that is under way and may be kept. */
  get waiting(): number {
    let waiting = 0;
    for (const flight of this.#all) waiting += flight.waiting;
    return waiting;
  }

  /** Asks for one reader. */
  launch(plan: FlightPlan, reader: Reader): void {
    const flight = new Flight(plan, this);
    this.#all.add(flight);
    flight.join(reader);
    flight.start(this.#next);
  }

  /** Lets the reader wait for one that asks the same, or asks for it and lets others wait. */
  joinOrLaunch(plan: FlightPlan, vary: readonly string[], reader: Reader): void {
    const sharedAs = sharedKey(plan, vary);
    const underWay = this.#shared.get(sharedAs);
    if (this.#isUnshareable(plan.key)) this.launch(plan, reader);
    else if (underWay?.fits(reader)) {
      reader.collapsed = true;
      underWay.join(reader);
    } else this.#launchShared(plan, sharedAs, reader);
  }

  /** Asks for nobody: those who come to wait for it may join. */
  launchInBackground(plan: FlightPlan, vary: readonly string[]): void {
    this.#launchShared(plan, sharedKey(plan, vary), undefined);
  }

  askAlone(reader: Reader, key: string, reason: ForwardReason): void {
    const { request, asked } = reader;
    reader.collapsed = false;
    this.launch({ key, request, asked, reason, stored: undefined, seeks: "answer" }, reader);
  }

  /** What is under way for this address is not kept. */
  overtakeKey(key: string): void {
    this.changes += 1;
    for (const flight of this.#all) if (flight.plan.key === key) this.#overtake(flight);
  }

  /** Of what is under way, of one service or all: what has this tag is not kept, or nothing without one. */
  overtake(tag: string | undefined, service: string | undefined): void {
    this.changes += 1;
    for (const flight of this.#all) {
      if (service !== undefined && flight.plan.request.facts.service !== service) continue;
      if (tag === undefined) this.#overtake(flight);
      // What its tags are is known when it has come; whoever asks from now on does not wait for it.
      else {
        flight.purgeTag(tag);
        this.#unshare(flight);
      }
    }
  }

  hasRoomFor(bytes: number): boolean {
    return bytes <= this.#bodyBytesMax && this.filling <= this.store.bytesMax * fillingShareMax;
  }

  mayKeep(headers: HeaderList): boolean {
    const length = firstLine(headers, "content-length");
    return length === undefined || Number(length) <= this.#bodyBytesMax;
  }

  eventOf(headers: HeaderList, route: RouteCount): PlannedEvent | undefined {
    const text = this.events && firstLine(headers, edgeEventHeader);
    return text === undefined ? undefined : this.events?.planOf(text, route);
  }

  unlist(flight: Flight): void {
    this.#all.delete(flight);
    this.#unshare(flight);
  }

  unshareable(key: string): void {
    this.#unshareable.delete(key);
    this.#unshareable.set(key, this.clock.now() + unshareableMs);
    if (this.#unshareable.size <= unshareableMax) return;
    for (const oldest of this.#unshareable.keys()) {
      this.#unshareable.delete(oldest);
      return;
    }
  }

  #launchShared(plan: FlightPlan, sharedAs: string, reader: Reader | undefined): void {
    const flight = new Flight(plan, this, sharedAs);
    this.#all.add(flight);
    this.#shared.set(sharedAs, flight);
    if (reader) flight.join(reader);
    flight.start(this.#next);
  }

  #overtake(flight: Flight): void {
    flight.overtaken = true;
    this.#unshare(flight);
  }

  #unshare(flight: Flight): void {
    const { sharedAs } = flight;
    if (sharedAs !== undefined && this.#shared.get(sharedAs) === flight) this.#shared.delete(sharedAs);
  }

  #isUnshareable(key: string): boolean {
    if (this.#unshareable.size === 0) return false;
    const until = this.#unshareable.get(key);
    if (until === undefined) return false;
    if (until > this.clock.now()) return true;
    this.#unshareable.delete(key);
    return false;
  }
}

function sharedKey({ key, request }: FlightPlan, vary: readonly string[]): string {
  return vary.length === 0 ? key : `${key}\n${selectingKey(vary, request.headers)}`;
}
