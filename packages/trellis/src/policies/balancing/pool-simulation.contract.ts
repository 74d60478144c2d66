import type { Random } from "../../model/clock.ts";
import { testRandom } from "../../testing/test-random.ts";
import { PoolHealth } from "../health/pool-health.ts";
import type { Balancer, BalancerName, Member } from "./balancer.ts";
import { EventQueue } from "./event-queue.contract.ts";
import { makeBalancer } from "./make-balancer.ts";

/** One instance of a simulated pool. Times are in milliseconds since the simulation's start. */
export interface SimulatedInstance {
  readonly id: string;
  readonly weight?: number;
  readonly backup?: boolean;
  /** How long a request takes once it is begun: between half of this and one and a half times as long. */
  readonly serviceMs: number;
  /** How many requests it works on at once; what comes above waits. 1 unless said. */
  readonly workers?: number;
  /** Absent: it is there from the start, and warm. */
  readonly joinsAt?: number;
  readonly leavesAt?: number;
  /** In this time it fails every request at once, in a tenth of its time. */
  readonly fails?: { readonly from: number; readonly until: number };
}

export interface SimulatedPool {
  readonly balance: BalancerName;
  readonly instances: readonly SimulatedInstance[];
  /** Closed loop: so many clients, each asks again as soon as it is answered. Open loop: by chance, whatever is answered. */
  readonly load: { readonly clients: number } | { readonly perSecond: number };
  readonly requests: number;
  readonly seed: number;
  /** What a request is about. Absent: each has a key of its own. */
  readonly keyOf?: (random: Random) => string;
  /** Whether members that fail again and again are ejected. */
  readonly ejects?: boolean;
  readonly slowStartMs?: number;
}

/** One request of a simulated run. */
export interface Visit {
  /** The instance that it was given to; undefined where there was none. */
  readonly id: string | undefined;
  readonly key: string;
  readonly at: number;
  tookMs: number;
  failed: boolean;
  /** How many were under way with that instance, this one included, and in the whole pool. */
  readonly pending: number;
  readonly pendingInAll: number;
}

/** What happened to each request, in the order in which they came. The same seed gives the same run. */
export function simulatePool(pool: SimulatedPool): readonly Visit[] {
  return new Run(pool).visits();
}

/** Of so many visits, the share that each instance got, 0 to 1. */
export function sharesOf(visits: readonly Visit[], instances: readonly { readonly id: string }[]): readonly number[] {
  return instances.map(({ id }) => visits.filter((visit) => visit.id === id).length / visits.length);
}

/** The time that this part (0 to 1) of the visits took at most, in milliseconds. */
export function percentileMs(visits: readonly Visit[], part: number): number {
  const sorted = visits.map(({ tookMs }) => tookMs).sort((one, two) => one - two);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

class Run {
  readonly #pool: SimulatedPool;
  readonly #random: Random;
  readonly #balancer: Balancer;
  readonly #health: PoolHealth;
  readonly #events = new EventQueue();
  readonly #visits: Visit[] = [];
  readonly #pending = new Map<string, number>();
  /** When each worker of an instance has done all that it was given. */
  readonly #freeAt = new Map<string, number[]>();
  #pendingInAll = 0;
  #now = 0;

  constructor(pool: SimulatedPool) {
    this.#pool = pool;
    this.#random = testRandom(pool.seed);
    const { slowStartMs } = pool;
    this.#balancer = makeBalancer(pool.balance, {
      random: this.#random,
      ...(slowStartMs === undefined ? {} : { slowStartMs }),
    });
    this.#health = new PoolHealth(this.#random);
  }

  visits(): readonly Visit[] {
    this.#changeMembers();
    const changes = this.#pool.instances.flatMap(({ joinsAt, leavesAt }) => [joinsAt, leavesAt]);
    for (const at of changes) if (at !== undefined) this.#events.put(at, () => this.#changeMembers());
    const { load } = this.#pool;
    if ("clients" in load) for (let client = 0; client < load.clients; client++) this.#events.put(0, () => this.#ask());
    else this.#events.put(0, () => this.#arrive(load.perSecond));
    for (let event = this.#events.take(); event; event = this.#events.take()) {
      this.#now = event.at;
      if (this.#health.passed(this.#now)) this.#tellBalancer();
      event.run();
    }
    return this.#visits;
  }

  #arrive(perSecond: number): void {
    if (this.#visits.length >= this.#pool.requests) return;
    this.#ask();
    const gapMs = (-Math.log(1 - this.#random()) * 1_000) / perSecond;
    this.#events.put(this.#now + gapMs, () => this.#arrive(perSecond));
  }

  #ask(): void {
    if (this.#visits.length >= this.#pool.requests) return;
    const key = this.#pool.keyOf?.(this.#random) ?? `key-${this.#visits.length}`;
    const id = this.#balancer.pick({ now: this.#now, key });
    const instance = this.#pool.instances.find((candidate) => candidate.id === id);
    if (instance) this.#begin(instance, key);
    else this.#visits.push(visitOf({ key, at: this.#now, failed: true, pendingInAll: this.#pendingInAll }));
  }

  #begin(instance: SimulatedInstance, key: string): void {
    const { id } = instance;
    const pending = this.#count(id, 1);
    const visit = visitOf({ id, key, at: this.#now, pending, pendingInAll: this.#pendingInAll });
    this.#visits.push(visit);
    this.#balancer.started(id);
    visit.failed = instance.fails !== undefined && isWithin(instance.fails, this.#now);
    const endsAt = visit.failed ? this.#now + instance.serviceMs / 10 : this.#workUntil(instance);
    this.#events.put(endsAt, () => this.#end(visit, id));
  }

  /** Given to the worker that is free first. */
  #workUntil({ id, serviceMs, workers = 1 }: SimulatedInstance): number {
    const freeAt = this.#freeAt.get(id) ?? new Array<number>(workers).fill(0);
    this.#freeAt.set(id, freeAt);
    const first = freeAt.indexOf(Math.min(...freeAt));
    const begin = Math.max(this.#now, freeAt[first] as number);
    const end = begin + serviceMs * (0.5 + this.#random());
    freeAt[first] = end;
    return end;
  }

  #end(visit: Visit, id: string): void {
    this.#count(id, -1);
    visit.tookMs = this.#now - visit.at;
    this.#balancer.finished(id, this.#now, visit);
    if (this.#pool.ejects && this.#health.answered(id, visit.failed, this.#now)) this.#tellBalancer();
    if ("clients" in this.#pool.load) this.#ask();
  }

  #count(id: string, change: number): number {
    const pending = (this.#pending.get(id) ?? 0) + change;
    this.#pending.set(id, pending);
    this.#pendingInAll += change;
    return pending;
  }

  #changeMembers(): void {
    const present = this.#present().map(({ id }) => id);
    this.#health.setMembers(present, this.#now);
    this.#tellBalancer();
  }

  #tellBalancer(): void {
    const judged = new Map(this.#health.reports().map((report) => [report.id, report]));
    const members = this.#present().map(({ id, weight = 1, backup = false, joinsAt }): Member => {
      const { status = "usable", usableSince = 0 } = judged.get(id) ?? {};
      // Who is there from the start is warm.
      const joinedAt = joinsAt === undefined && usableSince === 0 ? Number.NEGATIVE_INFINITY : usableSince;
      return { id, weight, backup, status, joinedAt };
    });
    this.#balancer.setMembers(members);
  }

  #present(): readonly SimulatedInstance[] {
    return this.#pool.instances.filter(
      ({ joinsAt = 0, leavesAt = Number.POSITIVE_INFINITY }) => joinsAt <= this.#now && this.#now < leavesAt,
    );
  }
}

function visitOf(known: Partial<Visit> & Pick<Visit, "at" | "key" | "pendingInAll">): Visit {
  return { id: undefined, tookMs: 0, failed: false, pending: 0, ...known };
}

function isWithin({ from, until }: { readonly from: number; readonly until: number }, now: number): boolean {
  return from <= now && now < until;
}
